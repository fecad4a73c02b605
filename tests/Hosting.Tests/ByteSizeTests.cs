namespace Nvmf.Hosting.Tests;

public class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("512", 512)]
    [InlineData("512B", 512)]
    [InlineData("4k", 4096)]
    [InlineData("4KiB", 4096)]
    [InlineData("256MiB", 256L << 20)]
    [InlineData("256 MiB", 256L << 20)]
    [InlineData(" 1g ", 1L << 30)]
    [InlineData("16TiB", 16L << 40)]
    [InlineData("8388607T", 8388607L << 40)]
    public void A_size_is_read_and_written_back(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out long parsed, out _));
        Assert.Equal(bytes, parsed);
        Assert.True(ByteSize.TryParse(ByteSize.Format(bytes), out long again, out _));
        Assert.Equal(bytes, again);
    }

    [Theory]
    [InlineData("", "'' is not a size; write a number and a unit, like 256MiB.")]
    [InlineData("MiB", "'MiB' is not a size; write a number and a unit, like 256MiB.")]
    [InlineData("-1", "'-1' is not a size; write a number and a unit, like 256MiB.")]
    [InlineData("1MB", "'1MB' is not a size: there is no unit 'MB', only KiB, MiB, GiB and TiB, or k, M, G and T for short.")]
    [InlineData("1.5G", "'1.5G' is not a size: there is no unit '.5G', only KiB, MiB, GiB and TiB, or k, M, G and T for short.")]
    [InlineData("8388608T", "'8388608T' is too large for a size.")]
    [InlineData("99999999999999999999", "'99999999999999999999' is too large for a size.")]
    public void A_mistake_gets_one_sentence(string text, string sentence)
    {
        Assert.False(ByteSize.TryParse(text, out _, out string? error));
        Assert.Equal(sentence, error);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1000, "1000")]
    [InlineData(1024, "1KiB")]
    [InlineData(256 << 20, "256MiB")]
    [InlineData((1L << 40) * 5, "5TiB")]
    [InlineData(1L << 62, "4194304TiB")]
    public void Formatting_takes_the_largest_exact_unit(long bytes, string text) => Assert.Equal(text, ByteSize.Format(bytes));
}
