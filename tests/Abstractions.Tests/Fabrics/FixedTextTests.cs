using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Abstractions.Tests.Fabrics;

public class FixedTextTests
{
    [Fact]
    public void Space_padded_text_fills_its_field()
    {
        SpacePaddedText8 field = default;
        field.Set("1.0");
        Assert.Equal("1.0     "u8.ToArray(), field.Bytes.ToArray());
        Assert.Equal("1.0", field.ToString());
        Assert.True(field.ReadOnlyBytes.SequenceEqual("1.0     "u8));

        field.Set("12345678");
        Assert.Equal("12345678", field.ToString());
        field.Set("");
        Assert.Equal("        "u8.ToArray(), field.Bytes.ToArray());
    }

    [Theory]
    [InlineData("123456789")]
    [InlineData("Käse")]
    [InlineData("a\tb")]
    public void Space_padded_text_refuses_what_does_not_fit(string text)
    {
        Assert.Throws<ArgumentException>(() =>
        {
            SpacePaddedText8 field = default;
            field.Set(text);
        });
    }

    [Fact]
    public void Nul_padded_text_keeps_a_terminator()
    {
        NulPaddedText256 field = default;
        field.Bytes.Fill(0xFF);
        field.Set("nqn.a");
        Assert.Equal("nqn.a", field.ToString());
        Assert.True(field.Bytes[5..].IndexOfAnyExcept((byte)0) < 0);

        Assert.Throws<ArgumentException>(() => FixedText.WriteNulPadded(new byte[4], "1234"));
        Assert.Throws<ArgumentException>(() => FixedText.WriteNulPadded(new byte[8], "1\02"));
    }

    [Fact]
    public void Read_stops_at_nul_or_the_end_of_the_field()
    {
        Assert.Equal("abc", FixedText.Read("abc"u8));
        Assert.Equal("ab", FixedText.Read("ab\0c"u8));
        Assert.Equal("ab", FixedText.Read("ab  "u8));
        Assert.Equal("", FixedText.Read([]));
    }
}
