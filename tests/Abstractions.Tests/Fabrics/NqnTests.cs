using System.Text;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Abstractions.Tests.Fabrics;

public class NqnTests
{
    [Theory]
    [InlineData("nqn.2014-08.org.nvmexpress.discovery")]
    [InlineData("nqn.2014-08.org.nvmexpress:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6")]
    [InlineData("nqn.2020-01.com.example:Käse")]
    public void Accepts_names(string name) => Assert.True(Nqn.IsValid(name), Nqn.Describe(name));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nqn.")]
    [InlineData("iqn.2014-08.org.example")]
    [InlineData("NQN.2014-08.org.example")]
    [InlineData("nqn.2014-08.org.example:a b")]
    [InlineData("nqn.2014-08.org.example:a\0b")]
    [InlineData("nqn.2014-08.org.example:a\nb")]
    public void Refuses_others(string? name)
    {
        Assert.False(Nqn.IsValid(name));
        Assert.Throws<ArgumentException>(() => Nqn.ThrowIfInvalid(name));
    }

    [Fact]
    public void Length_is_counted_in_bytes_of_utf_8()
    {
        string longest = "nqn." + new string('x', Nqn.MaxLength - 4);
        Assert.True(Nqn.IsValid(longest));
        Assert.False(Nqn.IsValid(longest + "x"));
        Assert.False(Nqn.IsValid(longest[..^1] + "ä"));
    }

    [Fact]
    public void Reads_within_the_bounds_of_the_field()
    {
        byte[] field = new byte[Nqn.FieldLength];
        FixedText.WriteNulPadded(field, Nqn.Discovery);
        Assert.True(Nqn.TryRead(field, out string? name));
        Assert.Equal(Nqn.Discovery, name);

        // 223 bytes and a NUL is the longest; one more has no terminator in time.
        Array.Fill(field, (byte)'x');
        Assert.False(Nqn.TryRead(field, out _));
        field[Nqn.MaxLength] = 0;
        Assert.True(Nqn.TryRead(field, out name));
        Assert.Equal(Nqn.MaxLength, name.Length);
        field[Nqn.MaxLength] = (byte)'x';
        field[Nqn.MaxLength + 1] = 0;
        Assert.False(Nqn.TryRead(field, out _));
    }

    [Fact]
    public void Reads_an_empty_name_and_refuses_malformed_utf_8()
    {
        byte[] field = new byte[Nqn.FieldLength];
        Assert.True(Nqn.TryRead(field, out string? name));
        Assert.Equal("", name);

        field[0] = 0xC3;
        field[1] = 0x28;
        Assert.False(Nqn.TryRead(field, out _));
        Assert.False(Nqn.TryRead([], out _));
    }

    [Fact]
    public void Bytes_behind_the_terminator_do_not_matter()
    {
        byte[] field = new byte[Nqn.FieldLength];
        Encoding.ASCII.GetBytes("nqn.a\0garbage", field);
        Assert.True(Nqn.TryRead(field, out string? name));
        Assert.Equal("nqn.a", name);
    }
}
