using System.Runtime.CompilerServices;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Abstractions.Tests.Fabrics;

public class WireValueTests
{
    [Fact]
    public void Host_is_little_endian() => Assert.True(BitConverter.IsLittleEndian);

    [Fact]
    public void Counter_is_little_endian_over_sixteen_bytes()
    {
        Counter128 counter = new UInt128(0x0F0E0D0C0B0A0908, 0x0706050403020100);
        Assert.Equal(Enumerable.Range(0, 16).Select(i => (byte)i), WireStructure.AsBytes(in counter).ToArray());
        Assert.Equal(16, Unsafe.SizeOf<Counter128>());
        Assert.Equal(new UInt128(0x0F0E0D0C0B0A0908, 0x0706050403020100), counter.Value);
    }

    [Fact]
    public void Uuid_is_big_endian()
    {
        var uuid = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");
        var identifier = new Identifier128(uuid);
        Assert.Equal("00112233445566778899aabbccddeeff", identifier.ToString());
        Assert.Equal(uuid, identifier.ToGuid());
        Assert.False(identifier.IsZero);
        Assert.True(default(Identifier128).IsZero);
        Assert.Throws<ArgumentException>(() => new Identifier128(new byte[15]));
    }

    [Fact]
    public void Eui_64_is_big_endian()
    {
        IdentifyNamespace identify = new() { Eui64 = 0x0011223344556677 };
        Assert.Equal("0011223344556677", Convert.ToHexString(WireStructure.AsBytes(in identify).Slice(120, 8)));
        Assert.Equal(0x0011223344556677UL, identify.Eui64);
    }

    [Fact]
    public void Timestamp_has_48_bits()
    {
        TimestampData timestamp = new() { Milliseconds = 0x665544332211, Attributes = 2 };
        Assert.Equal("1122334455660200", Convert.ToHexString(WireStructure.AsBytes(in timestamp)));
        Assert.Equal(0x665544332211UL, timestamp.Milliseconds);
    }

    [Fact]
    public void Error_entry_status_is_shifted()
    {
        ErrorInformationEntry entry = new() { Status = NvmeStatus.InvalidField.WithDoNotRetry() };
        Assert.Equal("0480", Convert.ToHexString(WireStructure.AsBytes(in entry).Slice(12, 2)));
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), entry.Status);
    }

    [Fact]
    public void Fields_of_KeyedSgl()
    {
        SglDescriptor descriptor = new() { KeyedLength = 0x123456, Key = 0x89ABCDEF, Identifier = SglDescriptor.KeyedDataBlock };
        Assert.Equal("0000000000000000563412EFCDAB8940", Convert.ToHexString(WireStructure.AsBytes(in descriptor)));
        Assert.Equal(0x123456u, descriptor.KeyedLength);
        Assert.Equal(0x89ABCDEFu, descriptor.Key);
    }

    [Fact]
    public void Effects_are_indexed_by_opcode()
    {
        CommandsSupportedAndEffects page = default;
        page.Admin[(int)AdminOpcode.Identify] = CommandEffects.Supported;
        page.InputOutput[(int)InputOutputOpcode.Write] = CommandEffects.Supported | CommandEffects.LogicalBlockContentChange;
        ReadOnlySpan<byte> bytes = WireStructure.AsBytes(in page);
        Assert.Equal(1, bytes[6 * 4]);
        Assert.Equal(3, bytes[1024 + 4]);
        Assert.Equal(SupportedLogPages.Size, Unsafe.SizeOf<SupportedLogPages>());
    }

    [Fact]
    public void Structures_read_and_write_at_any_alignment()
    {
        byte[] bytes = new byte[65];
        SubmissionQueueEntry entry = new() { Opcode = 2, StartingLba = 77 };
        WireStructure.Write(bytes.AsSpan(1), in entry);
        Assert.Equal(77UL, WireStructure.Read<SubmissionQueueEntry>(bytes.AsSpan(1)).StartingLba);
        Assert.Throws<ArgumentOutOfRangeException>(() => WireStructure.Read<SubmissionQueueEntry>(bytes.AsSpan(2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => WireStructure.Write(bytes.AsSpan(2), in entry));
        Assert.Throws<ArgumentOutOfRangeException>(() => WireStructure.View<SubmissionQueueEntry>(bytes.AsSpan(2)));
    }
}
