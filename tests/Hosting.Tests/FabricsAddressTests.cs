using System.Net;
using Nvmf.Abstractions.Connections;

namespace Nvmf.Hosting.Tests;

public class FabricsAddressTests
{
    [Theory]
    [InlineData("tcp://127.0.0.1:4420", NvmeTransportType.Tcp, "127.0.0.1", 4420)]
    [InlineData("tcp://0.0.0.0", NvmeTransportType.Tcp, "0.0.0.0", 4420)]
    [InlineData("tcp://127.0.0.1:0", NvmeTransportType.Tcp, "127.0.0.1", 0)]
    [InlineData("TCP://10.1.2.3:65535", NvmeTransportType.Tcp, "10.1.2.3", 65535)]
    [InlineData("rdma://192.0.2.7:4421", NvmeTransportType.Rdma, "192.0.2.7", 4421)]
    [InlineData("tcp://[::1]:4420", NvmeTransportType.Tcp, "::1", 4420)]
    [InlineData("tcp://[::]", NvmeTransportType.Tcp, "::", 4420)]
    [InlineData("tcp://[fe80::1%3]:4420", NvmeTransportType.Tcp, "fe80::1%3", 4420)]
    [InlineData("tcp://Storage-1.example:4420", NvmeTransportType.Tcp, "storage-1.example", 4420)]
    public void An_address_is_read_and_written_back(string text, NvmeTransportType transportType, string host, int port)
    {
        FabricsAddress address = FabricsAddress.Parse(text);

        Assert.Equal(transportType, address.TransportType);
        Assert.Equal(host, address.Host);
        Assert.Equal(port, address.Port);
        Assert.Equal(address, FabricsAddress.Parse(address.ToString()));
        Assert.Equal(address.GetHashCode(), FabricsAddress.Parse(address.ToString()).GetHashCode());
    }

    [Theory]
    [InlineData(null, "The address is empty; write it like tcp://127.0.0.1:4420.")]
    [InlineData("  ", "The address is empty; write it like tcp://127.0.0.1:4420.")]
    [InlineData("127.0.0.1:4420", "'127.0.0.1:4420' is not an address: it does not begin with tcp:// or rdma://.")]
    [InlineData("udp://127.0.0.1", "'udp://127.0.0.1' is not an address: there is no transport 'udp', only tcp and rdma.")]
    [InlineData("tcp://", "'tcp://' is not an address: there is no host in it.")]
    [InlineData("tcp://:4420", "'tcp://:4420' is not an address: there is no host in it.")]
    [InlineData("tcp://::1:4420", "'tcp://::1:4420' is not an address: an IPv6 address must be in brackets, like tcp://[::1]:4420.")]
    [InlineData("tcp://[::1", "'tcp://[::1' is not an address: the closing bracket of the IPv6 address is missing.")]
    [InlineData("tcp://[::1]4420", "'tcp://[::1]4420' is not an address: '4420' after the closing bracket is not a port.")]
    [InlineData("tcp://[127.0.0.1]:1", "'tcp://[127.0.0.1]:1' is not an address: '127.0.0.1' is not an IPv6 address.")]
    [InlineData("tcp://127.1:4420", "'tcp://127.1:4420' is not an address: '127.1' is not an IPv4 address.")]
    [InlineData("tcp://256.0.0.1", "'tcp://256.0.0.1' is not an address: '256.0.0.1' is not an IPv4 address.")]
    [InlineData("tcp://1:4420", "'tcp://1:4420' is not an address: '1' is not an IPv4 address.")]
    [InlineData("tcp://127.0.0.1:", "'tcp://127.0.0.1:' is not an address: the port '' is not a number from 0 to 65535.")]
    [InlineData("tcp://127.0.0.1:65536", "'tcp://127.0.0.1:65536' is not an address: the port '65536' is not a number from 0 to 65535.")]
    [InlineData("tcp://127.0.0.1:-1", "'tcp://127.0.0.1:-1' is not an address: the port '-1' is not a number from 0 to 65535.")]
    [InlineData("tcp://127.0.0.1:4420/", "'tcp://127.0.0.1:4420/' is not an address: the port '4420/' is not a number from 0 to 65535.")]
    [InlineData("tcp://a b:1", "'tcp://a b:1' is not an address: 'a b' is not a host name.")]
    public void A_mistake_gets_one_sentence(string? text, string sentence)
    {
        Assert.False(FabricsAddress.TryParse(text, out FabricsAddress? address, out string? error));
        Assert.Null(address);
        Assert.Equal(sentence, error);
    }

    [Fact]
    public void End_points_of_different_transports_are_never_equal()
    {
        var tcp = new IPEndPoint(IPAddress.Loopback, 4420);
        var rdma = new RdmaEndPoint(IPAddress.Loopback, 4420);

        Assert.False(rdma.Equals(tcp));
        Assert.Equal("rdma://127.0.0.1:4420", FabricsAddress.FromEndPoint(rdma).ToString());
        Assert.Equal("tcp://127.0.0.1:4420", FabricsAddress.FromEndPoint(tcp).ToString());
        Assert.NotEqual(FabricsAddress.FromEndPoint(rdma), FabricsAddress.FromEndPoint(tcp));
        Assert.Equal(System.Net.Sockets.AddressFamily.InterNetwork, rdma.AddressFamily);
    }

    [Fact]
    public async Task Resolving_gives_the_transports_kind_of_end_point()
    {
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 4420), await FabricsAddress.Parse("tcp://localhost").ResolveAsync());
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 9), await FabricsAddress.Parse("tcp://[::1]:9").ResolveAsync());
        Assert.Equal(new RdmaEndPoint(IPAddress.Loopback, 9), await FabricsAddress.Parse("rdma://127.0.0.1:9").ResolveAsync());
    }
}
