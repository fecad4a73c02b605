using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>The events that Kestrel's transports log, under the same ids and names.</summary>
public class LoggingTests
{
    [Fact]
    public async Task AGracefulEndLogsBothFins()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        await handler.OnLoop(() =>
        {
            handler.Feature.PauseReceive();
            handler.Feature.ResumeReceive();
        });
        peer.Shutdown(SocketShutdown.Send);
        await handler.Closed;
        Assert.True(host.Log.Has(4, "ConnectionPause"));
        Assert.True(host.Log.Has(5, "ConnectionResume"));
        Assert.True(host.Log.Has(6, "ConnectionReadFin"));
        Assert.True(host.Log.Has(7, "ConnectionWriteFin"));
        await Within.Until(() => host.Log.Has(30, "ConnectionEnded"), "the end is logged");
        Assert.False(host.Log.Has(8, "ConnectionWriteRst"));
    }

    [Fact]
    public async Task AnAbortLogsItsReason()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, _) = await host.ConnectPairAsync();
        connection.Abort(new ConnectionAbortedException("enough of this"));
        await connection.DisposeAsync();
        Assert.Contains(host.Log.Entries, entry => entry.Id == 8 && entry.Text.Contains("enough of this", StringComparison.Ordinal));
        Assert.False(host.Log.Has(7, "ConnectionWriteFin"));
    }

    [Fact]
    public async Task AResetIsLogged()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        peer.LingerState = new LingerOption(true, 0);
        peer.Close();
        await handler.Closed;
        Assert.True(host.Log.Has(19, "ConnectionReset"));
        Assert.False(host.Log.Has(8, "ConnectionWriteRst"));
    }
}
