using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>A transport with a poisoned pool, a listener on loopback, and plain sockets as peers. Disposing checks that every gauge is back at zero.</summary>
internal sealed class TcpTestHost : IAsyncDisposable
{
    private readonly List<Socket> _peers = [];
    private IConnectionListener? _listener;

    public TcpTestHost(Action<TcpTransportOptions>? configure = null, int receiveBuffer = 1 << 20)
    {
        Pool = new BufferPool(new BufferPoolOptions { Poison = true });
        Loops = new EventLoopGroup(new EventLoopGroupOptions { Count = 2, Name = "test", ReceiveBufferSize = receiveBuffer }, Log);
        Options = new TcpTransportOptions { BufferPool = Pool, PipeBufferPool = Pool, EventLoops = Loops };
        configure?.Invoke(Options);
        Factory = new TcpTransportFactory(Microsoft.Extensions.Options.Options.Create(Options), Log);
    }

    public CollectingLoggerFactory Log { get; } = new();

    public BufferPool Pool { get; }

    public EventLoopGroup Loops { get; }

    public TcpTransportOptions Options { get; }

    public TcpTransportFactory Factory { get; }

    public long ExpectedQuarantine { get; set; }

    public async Task<IPEndPoint> ListenAsync()
    {
        _listener ??= await Factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)_listener.EndPoint;
    }

    public async Task<(ConnectionContext Connection, Socket Peer)> ConnectPairAsync(int? peerReceiveBuffer = null)
    {
        IPEndPoint endPoint = await ListenAsync();
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _peers.Add(peer);
        if (peerReceiveBuffer is int size)
        {
            peer.ReceiveBufferSize = size;
        }

        await peer.ConnectAsync(endPoint).WaitAsync(Within.Limit);
        ConnectionContext? connection = await _listener!.AcceptAsync().AsTask().WaitAsync(Within.Limit);
        Assert.NotNull(connection);
        Assert.Equal(peer.LocalEndPoint, connection.RemoteEndPoint);
        return (connection, peer);
    }

    public async Task<(ConnectionContext Connection, Socket Peer)> ConnectUnixPairAsync()
    {
        var endPoint = new UnixDomainSocketEndPoint(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()));
        _listener ??= await Factory.BindAsync(endPoint);
        var peer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _peers.Add(peer);
        await peer.ConnectAsync(endPoint).WaitAsync(Within.Limit);
        ConnectionContext? connection = await _listener.AcceptAsync().AsTask().WaitAsync(Within.Limit);
        Assert.NotNull(connection);
        return (connection, peer);
    }

    public BufferLease Rent(int length)
    {
        Assert.True(Pool.TryRent(length, BufferPriority.InputOutput, out BufferLease lease));
        return lease;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Socket peer in _peers)
        {
            peer.Dispose();
        }

        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }

        await Factory.DisposeAsync().AsTask().WaitAsync(Within.Limit);
        Loops.Dispose();
        BufferPoolStatistics statistics = Pool.Statistics;
        Assert.Equal(0, statistics.RentedBlocks);
        Assert.Equal(0, statistics.PoisonViolations);
        Assert.Equal(ExpectedQuarantine, statistics.QuarantinedBytes);
        Pool.Dispose();
    }
}
