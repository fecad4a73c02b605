using System.Net;
using RdmaSharp.Native;

namespace RdmaSharp.Tests;

public class InternetAddressTests
{
    [Theory]
    [InlineData("192.168.60.1:4420", "0200 1144 C0A83C01")]
    [InlineData("0.0.0.0:0", "0200 0000 00000000")]
    [InlineData("[2001:db8::1]:4420", "0A00 1144 00000000 20010DB8000000000000000000000001 00000000")]
    public void Is_written_as_in_C_and_read_back(string text, string bytes)
    {
        IPEndPoint endPoint = IPEndPoint.Parse(text);
        byte[] native = new byte[InternetAddress.MaximumLength];
        Array.Fill(native, (byte)0xEE);
        InternetAddress.Write(endPoint, native);
        string expected = bytes.Replace(" ", "", StringComparison.Ordinal);
        Assert.Equal(expected.PadRight(InternetAddress.MaximumLength * 2, '0'), Convert.ToHexString(native));
        Assert.Equal(endPoint, InternetAddress.Read(native));
    }

    [Fact]
    public void A_scope_is_kept()
    {
        var endPoint = new IPEndPoint(new IPAddress([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 3), 7);
        byte[] native = new byte[InternetAddress.MaximumLength];
        InternetAddress.Write(endPoint, native);
        Assert.Equal(endPoint, InternetAddress.Read(native));
    }

    [Fact]
    public void Another_family_is_none() => Assert.Null(InternetAddress.Read(new byte[InternetAddress.MaximumLength]));
}
