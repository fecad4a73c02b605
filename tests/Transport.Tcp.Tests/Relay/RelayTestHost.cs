using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Relay;
using Nvmf.Transport.Tcp.Relay.Internal;
using Nvmf.Transport.Tcp.Tests.Connections;

namespace Nvmf.Transport.Tcp.Tests.Relay;

/// <summary>Plain sockets on both sides of a relay. Disposing checks that every relay has ended and every pipe is closed.</summary>
internal sealed class RelayTestHost : IAsyncDisposable
{
    private readonly TcpTestHost _transport;
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<IDisposable> _sockets = [];
    private readonly IConnectionListenerFactory _connections;
    private IConnectionListener? _listener;

    public RelayTestHost(
        RelayWay way = RelayWay.Splice,
        Action<RelayOptions>? configure = null,
        Action<TcpTransportOptions>? transport = null,
        Func<RelayOptions, RelayCounters, SplicePipePool>? pool = null,
        int? serverReceiveBuffer = null)
    {
        _transport = new TcpTestHost(transport);
        Options = new RelayOptions { UseSplice = way == RelayWay.Splice };
        configure?.Invoke(Options);
        Factory = new SpliceRelayFactory(Microsoft.Extensions.Options.Options.Create(Options), Log);
        if (pool is not null)
        {
            Factory.PoolMaker = pool;
        }

        _connections = way == RelayWay.Pipelines
            ? new SocketTransportFactory(Microsoft.Extensions.Options.Options.Create(new SocketTransportOptions()), Log)
            : _transport.Factory;
        if (serverReceiveBuffer is int size)
        {
            _server.ReceiveBufferSize = size;
        }

        _server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _server.Listen(512);
        Upstreams = new RelayUpstreams([_server.LocalEndPoint!]);
    }

    public CollectingLoggerFactory Log { get; } = new();

    public RelayOptions Options { get; }

    public SpliceRelayFactory Factory { get; }

    public TcpTestHost Transport => _transport;

    public RelayUpstreams Upstreams { get; set; }

    public EndPoint ServerEndPoint => _server.LocalEndPoint!;

    /// <summary>A client, the connection that the relay's host accepted for it, not relayed yet.</summary>
    public async Task<(Socket Client, ConnectionContext Downstream)> AcceptAsync(int? receiveBuffer = null)
    {
        _listener ??= await _connections.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _sockets.Add(client);
        if (receiveBuffer is int size)
        {
            client.ReceiveBufferSize = size;
        }

        await client.ConnectAsync(_listener.EndPoint).WaitAsync(Within.Limit);
        ConnectionContext? downstream = await _listener.AcceptAsync().AsTask().WaitAsync(Within.Limit);
        return (client, downstream!);
    }

    public async Task<Socket> AcceptServerAsync()
    {
        Socket server = await _server.AcceptAsync().WaitAsync(Within.Limit);
        server.NoDelay = true;
        _sockets.Add(server);
        return server;
    }

    /// <summary>Both ends of a new relay.</summary>
    public async Task<RelayedPair> ConnectAsync(byte[]? firstBytes = null, int? receiveBuffer = null)
    {
        (Socket client, ConnectionContext downstream) = await AcceptAsync(receiveBuffer);
        SpliceRelay? relay = await Factory.ForwardAsync(downstream, Upstreams, firstBytes).WaitAsync(Within.Limit);
        Assert.NotNull(relay);
        _ = DisposeAfterAsync(relay, downstream);
        return new RelayedPair(client, await AcceptServerAsync(), relay);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IDisposable socket in _sockets)
        {
            socket.Dispose();
        }

        _server.Dispose();
        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }

        await Factory.DisposeAsync().AsTask().WaitAsync(Within.Limit);
        Assert.Empty(Factory.Relays);
        Assert.Equal(0, Factory.Statistics.PipesOpen);
        Assert.Equal(Factory.Statistics.Opened, Factory.Statistics.Closed.Values.Sum());
        await _transport.DisposeAsync();
    }

    private static async Task DisposeAfterAsync(SpliceRelay relay, ConnectionContext downstream)
    {
        await relay.Completion;
        await downstream.DisposeAsync();
    }
}

/// <summary>What a test sees of a relay.</summary>
internal sealed record RelayedPair(Socket Client, Socket Server, SpliceRelay Relay)
{
    public Task<DrainReport> Completion => Relay.Completion.WaitAsync(Within.Limit);

    /// <summary>Both sides say FIN, in their turn; the relay ends well.</summary>
    public async Task CloseAsync()
    {
        Client.Shutdown(SocketShutdown.Send);
        await PeerStream.ExpectFinAsync(Server);
        Server.Shutdown(SocketShutdown.Send);
        await PeerStream.ExpectFinAsync(Client);
        DrainReport report = await Completion;
        Assert.Equal(TeardownCause.HostClosed, report.Cause);
        Assert.Equal(QueuePairState.Draining, report.LastStage);
    }
}
