using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Nvmf.Transport.Tcp.Tests.Connections;

public class ListenerTests
{
    [Fact]
    public async Task TheBoundEndPointHasAPort()
    {
        await using var host = new TcpTestHost();
        await using IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        var endPoint = Assert.IsType<IPEndPoint>(listener.EndPoint);
        Assert.NotEqual(0, endPoint.Port);
        Assert.Equal(IPAddress.Loopback, endPoint.Address);
    }

    [Fact]
    public async Task ATakenPortIsAnAddressInUse()
    {
        await using var host = new TcpTestHost();
        IPEndPoint endPoint = await host.ListenAsync();
        AddressInUseException error = await Assert.ThrowsAsync<AddressInUseException>(() => host.Factory.BindAsync(endPoint).AsTask());
        Assert.Contains(endPoint.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AForeignAddressIsNamed()
    {
        await using var host = new TcpTestHost();
        var foreign = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0);
        IOException error = await Assert.ThrowsAsync<IOException>(() => host.Factory.BindAsync(foreign).AsTask());
        Assert.Contains("no interface", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherKindsOfEndPointsAreRefused()
    {
        await using var host = new TcpTestHost();
        await Assert.ThrowsAsync<NotSupportedException>(() => host.Factory.BindAsync(new DnsEndPoint("localhost", 0)).AsTask());
    }

    [Fact]
    public async Task APortCanBeBoundAgainAfterUnbind()
    {
        await using var host = new TcpTestHost();
        IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint endPoint = listener.EndPoint;
        await listener.UnbindAsync();
        await using IConnectionListener again = await host.Factory.BindAsync(endPoint);
        Assert.Equal(endPoint, again.EndPoint);
        await listener.DisposeAsync();
    }

    [Fact]
    public async Task ThePortIsFreeAfterConnectionsWereClosedFromHere()
    {
        await using var host = new TcpTestHost();
        IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint endPoint = listener.EndPoint;
        using var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(endPoint);
        ConnectionContext? connection = await listener.AcceptAsync();
        Task disposing = connection!.DisposeAsync().AsTask();
        peer.Dispose();
        await disposing.WaitAsync(Within.Limit);
        await listener.DisposeAsync();
        await using IConnectionListener again = await host.Factory.BindAsync(endPoint);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task IPv6AnyTakesBothFamilies(string from)
    {
        await using var host = new TcpTestHost();
        await using IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.IPv6Any, 0));
        int port = ((IPEndPoint)listener.EndPoint).Port;
        using var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(new IPEndPoint(IPAddress.Parse(from), port));
        ConnectionContext? connection = await listener.AcceptAsync().AsTask().WaitAsync(Within.Limit);
        var remote = (IPEndPoint)connection!.RemoteEndPoint!;
        Assert.Equal(IPAddress.Parse(from), remote.Address.IsIPv4MappedToIPv6 ? remote.Address.MapToIPv4() : remote.Address);
        Assert.Equal(port, ((IPEndPoint)connection.LocalEndPoint!).Port);
        peer.Dispose();
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task AnIPv6AddressDoesNotTakeIPv4()
    {
        await using var host = new TcpTestHost();
        await using IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var v4 = new IPEndPoint(IPAddress.Loopback, ((IPEndPoint)listener.EndPoint).Port);
        await Assert.ThrowsAsync<SocketException>(() => peer.ConnectAsync(v4));
    }

    [Fact]
    public async Task UnbindEndsAPendingAcceptAndKeepsConnections()
    {
        await using var host = new TcpTestHost();
        IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        using var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.EndPoint);
        ConnectionContext? connection = await listener.AcceptAsync();
        var echo = new EchoHandler(connection!, host.Pool);
        echo.Feature.Attach(echo);
        Task<ConnectionContext?> pending = listener.AcceptAsync().AsTask();
        await listener.UnbindAsync();
        Assert.Null(await pending.WaitAsync(Within.Limit));
        Assert.Null(await listener.AcceptAsync());
        await PeerStream.SendAsync(peer, 1000, 1000, 1);
        await PeerStream.ReceiveAsync(peer, 1000, 1000, 1);
        await listener.DisposeAsync();
        await connection!.DisposeAsync();
    }

    [Fact]
    public async Task ConnectionsNobodyAcceptedAreResetAtUnbind()
    {
        await using var host = new TcpTestHost();
        IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        using var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.EndPoint);
        await Within.Until(() => host.Factory.Transport.Loops.Sum(loop => Volatile.Read(ref loop.Counters.ConnectionsOpened)) == 1, "it was accepted");
        await listener.UnbindAsync();
        await PeerStream.ExpectResetAsync(peer);
    }

    [Fact]
    public async Task AcceptCanBeCancelled()
    {
        await using var host = new TcpTestHost();
        await using IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        using var cancellation = new CancellationTokenSource();
        Task<ConnectionContext?> pending = listener.AcceptAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending.WaitAsync(Within.Limit));
    }

    [Fact]
    public async Task ManyConnectionsAtOnce()
    {
        await using var host = new TcpTestHost();
        await using IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        const int Count = 600;
        Task<List<ConnectionContext>> accepting = AcceptAndEchoAsync(listener, host, Count);
        var peers = new List<Socket>();
        for (int i = 0; i < Count; i++)
        {
            var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
            peers.Add(peer);
            await peer.ConnectAsync(listener.EndPoint).WaitAsync(Within.Limit);
            await PeerStream.SendAsync(peer, 100, 100, i);
        }

        foreach (Socket peer in peers)
        {
            await PeerStream.ReceiveAsync(peer, 100, 100, 1);
            peer.Dispose();
        }

        foreach (ConnectionContext connection in await accepting.WaitAsync(Within.Limit))
        {
            await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task TheBacklogWaitsWhileNobodyAccepts()
    {
        await using var host = new TcpTestHost();
        await using IConnectionListener listener = await host.Factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        const int Count = 400;
        var peers = new List<Socket>();
        for (int i = 0; i < Count; i++)
        {
            var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
            peers.Add(peer);
            await peer.ConnectAsync(listener.EndPoint).WaitAsync(Within.Limit);
        }

        for (int i = 0; i < Count; i++)
        {
            ConnectionContext? connection = await listener.AcceptAsync().AsTask().WaitAsync(Within.Limit);
            connection!.Abort();
        }

        foreach (Socket peer in peers)
        {
            peer.Dispose();
        }
    }

    [Fact]
    public void TheSelectorDecidesAboutIpEndPointsOnly()
    {
        var endPoint = new IPEndPoint(IPAddress.Loopback, 4420);
        var factory = new TcpTransportFactory(Microsoft.Extensions.Options.Options.Create(new TcpTransportOptions()), Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        Assert.False(factory.CanBind(endPoint));
        var options = new TcpTransportOptions { Selector = static _ => true };
        factory = new TcpTransportFactory(Microsoft.Extensions.Options.Options.Create(options), Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        Assert.True(factory.CanBind(endPoint));
        Assert.False(factory.CanBind(new DnsEndPoint("localhost", 1)));
    }

    [Fact]
    public async Task EveryFeatureOfATransportIsThere()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        Assert.Equal(connection.ConnectionId, connection.Features.Get<IConnectionIdFeature>()!.ConnectionId);
        Assert.Same(connection.Items, connection.Features.Get<IConnectionItemsFeature>()!.Items);
        Assert.Equal(connection.ConnectionClosed, connection.Features.Get<IConnectionLifetimeFeature>()!.ConnectionClosed);
        Assert.Equal(peer.LocalEndPoint, connection.Features.Get<IConnectionEndPointFeature>()!.RemoteEndPoint);
        Assert.NotNull(connection.Features.Get<IMemoryPoolFeature>()!.MemoryPool);
        Assert.Same(connection.Transport, connection.Features.Get<IConnectionTransportFeature>()!.Transport);
        connection.Features.Get<IConnectionLifetimeFeature>()!.Abort();
        await PeerStream.ExpectResetAsync(peer);
    }

    private static async Task<List<ConnectionContext>> AcceptAndEchoAsync(IConnectionListener listener, TcpTestHost host, int count)
    {
        var connections = new List<ConnectionContext>();
        while (connections.Count < count)
        {
            ConnectionContext? connection = await listener.AcceptAsync();
            connections.Add(connection!);
            var echo = new EchoHandler(connection!, host.Pool);
            echo.Feature.Attach(echo);
        }

        return connections;
    }
}
