using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Abstractions.Tests.Fabrics;

public class NamespaceIdentificationDescriptorTests
{
    [Fact]
    public void Writes_and_reads_a_list()
    {
        byte[] page = new byte[4096];
        var uuid = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");
        Span<byte> rest = NamespaceIdentificationDescriptor.WriteUuid(page, uuid);
        rest = NamespaceIdentificationDescriptor.WriteNguid(rest, new Identifier128(uuid));
        rest = NamespaceIdentificationDescriptor.WriteEui64(rest, 0x0102030405060708);
        rest = NamespaceIdentificationDescriptor.WriteCommandSet(rest, CommandSetIdentifier.Nvm);
        Assert.Equal(4096 - 20 - 20 - 12 - 5, rest.Length);
        Assert.Equal("0310000000112233445566778899AABBCCDDEEFF", Convert.ToHexString(page.AsSpan(0, 20)));

        ReadOnlySpan<byte> list = page;
        List<string> read = [];
        while (NamespaceIdentificationDescriptor.TryRead(ref list, out NamespaceIdentificationDescriptor descriptor))
        {
            read.Add($"{descriptor.Type} {Convert.ToHexString(descriptor.Identifier)}");
        }

        Assert.Equal(
            [
                "Uuid 00112233445566778899AABBCCDDEEFF",
                "Nguid 00112233445566778899AABBCCDDEEFF",
                "Eui64 0102030405060708",
                "CommandSet 00",
            ],
            read);
    }

    [Fact]
    public void A_descriptor_that_runs_over_the_end_is_the_end()
    {
        ReadOnlySpan<byte> list = [3, 16, 0, 0, 1, 2, 3];
        Assert.False(NamespaceIdentificationDescriptor.TryRead(ref list, out _));
        list = [3, 16, 0];
        Assert.False(NamespaceIdentificationDescriptor.TryRead(ref list, out _));
        list = [];
        Assert.False(NamespaceIdentificationDescriptor.TryRead(ref list, out _));
    }

    [Fact]
    public void Writing_beyond_the_end_throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => { NamespaceIdentificationDescriptor.WriteUuid(new byte[19], Guid.Empty); });
}
