using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Nvmf.Transport.Tcp.Tests.Connections;

public class ClientTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task ConnectsAndExchangesBytes(string name)
    {
        await using var host = new TcpTestHost();
        await using TcpConnectionFactory factory = Factory(host);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        EndPoint endPoint = IPAddress.TryParse(name, out IPAddress? address) ? new IPEndPoint(address, port) : new DnsEndPoint(name, port);
        ConnectionContext connection = await factory.ConnectAsync(endPoint).AsTask().WaitAsync(Within.Limit);
        using Socket peer = await listener.AcceptSocketAsync();
        Assert.Equal(peer.RemoteEndPoint, connection.LocalEndPoint);
        Assert.Equal(port, ((IPEndPoint)connection.RemoteEndPoint!).Port);
        var echo = new EchoHandler(connection, host.Pool);
        echo.Feature.Attach(echo);
        await Task.WhenAll(PeerStream.SendAsync(peer, 1 << 20, 10_000, 1), PeerStream.ReceiveAsync(peer, 1 << 20, 10_000, 2));
        peer.Dispose();
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
    }

    [Fact]
    public async Task ARefusedConnectionSaysSo()
    {
        await using var host = new TcpTestHost();
        await using TcpConnectionFactory factory = Factory(host);
        using var unused = new TcpListener(IPAddress.Loopback, 0);
        unused.Start();
        var endPoint = (IPEndPoint)unused.LocalEndpoint;
        unused.Stop();
        SocketException error = await Assert.ThrowsAsync<SocketException>(() => factory.ConnectAsync(endPoint).AsTask());
        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
        Assert.Contains(endPoint.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AConnectCanBeCancelled()
    {
        await using var host = new TcpTestHost();
        await using TcpConnectionFactory factory = Factory(host);

        // A full backlog leaves connects unanswered.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var fillers = new List<Socket>();
        for (int i = 0; i < 8; i++)
        {
            var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            fillers.Add(filler);
            Assert.Throws<SocketException>(() => filler.Connect(listener.LocalEndPoint!));
        }

        using var cancellation = new CancellationTokenSource();
        Task<ConnectionContext> connecting = factory.ConnectAsync(listener.LocalEndPoint!, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(Within.Limit));
        foreach (Socket filler in fillers)
        {
            filler.Dispose();
        }
    }

    [Fact]
    public async Task DisposingTheFactoryDrainsItsConnections()
    {
        await using var host = new TcpTestHost();
        TcpConnectionFactory factory = Factory(host);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        ConnectionContext connection = await factory.ConnectAsync(listener.LocalEndpoint);
        using Socket peer = await listener.AcceptSocketAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        Task disposing = factory.DisposeAsync().AsTask();
        await PeerStream.ExpectFinAsync(peer);
        peer.Dispose();
        await disposing.WaitAsync(Within.Limit);
        Assert.Equal(Abstractions.Lifecycle.TeardownCause.ProcessStop, (await handler.Closed).Cause);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => factory.ConnectAsync(listener.LocalEndpoint).AsTask());
    }

    private static TcpConnectionFactory Factory(TcpTestHost host) =>
        new(Microsoft.Extensions.Options.Options.Create(host.Options), NullLoggerFactory.Instance);
}
