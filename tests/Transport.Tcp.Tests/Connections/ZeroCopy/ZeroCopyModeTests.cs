namespace Nvmf.Transport.Tcp.Tests.Connections.ZeroCopy;

public class ZeroCopyModeTests
{
    [Theory]
    [InlineData("auto", 16384, "auto")]
    [InlineData("ALWAYS", 1, "always")]
    [InlineData("never", int.MaxValue, "never")]
    [InlineData("4096", 4096, "4096")]
    [InlineData(" 64 KiB ", 65536, "65536")]
    [InlineData("1MiB", 1048576, "1048576")]
    public void Parses(string text, int threshold, string written)
    {
        Assert.True(ZeroCopyMode.TryParse(text, out ZeroCopyMode mode));
        Assert.Equal(threshold, mode.Threshold);
        Assert.Equal(written, mode.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sometimes")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("4096MiB")]
    [InlineData("KiB")]
    public void Refuses(string? text) => Assert.False(ZeroCopyMode.TryParse(text, out _));
}
