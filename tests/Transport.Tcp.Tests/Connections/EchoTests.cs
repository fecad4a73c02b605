using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Nvmf.Transport.Tcp.Tests.Connections;

public class EchoTests
{
    [Theory]
    [InlineData("never", 1)]
    [InlineData("always", 2)]
    [InlineData("16KiB", 3)]
    [InlineData("auto", 4)]
    public async Task EchoesALongStreamInRandomChunks(string mode, int seed)
    {
        Assert.True(ZeroCopyMode.TryParse(mode, out ZeroCopyMode zeroCopy));
        await using var host = new TcpTestHost(options => options.ZeroCopy = zeroCopy);
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new EchoHandler(connection, host.Pool);
        handler.Feature.Attach(handler);
        const long Length = 8 << 20;
        await Task.WhenAll(PeerStream.SendAsync(peer, Length, 100_000, seed), PeerStream.ReceiveAsync(peer, Length, 100_000, seed + 100));
        peer.Shutdown(SocketShutdown.Send);
        await PeerStream.ExpectFinAsync(peer);
        Assert.Null(await handler.PeerClosed);
        Assert.Equal(Length, handler.Received);
        await handler.Closed;
        Assert.Equal(["PeerClosed", "Quiescing", "Closed"], handler.Events);
    }
}
