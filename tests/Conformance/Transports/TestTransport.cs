using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Testing;
using Nvmf.Transport.Tcp;

namespace Nvmf.Conformance.Tests.Transports;

/// <summary>One transport with one listener. Disposing checks that ours has all its memory back, and that nobody wrote to free memory.</summary>
internal sealed class TestTransport : IAsyncDisposable
{
    public const int WriteLimit = 64 << 10;
    private const int ReadLimit = 1 << 20;
    private readonly PoisonedPool _pool = new();
    private readonly List<Peer> _peers = [];
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"conformance-{Guid.NewGuid():N}.sock");
    private readonly TcpTransportFactory? _tcp;

    private TestTransport(TransportKind kind)
    {
        Kind = kind;
        if (Kinds.IsOurs(kind))
        {
            Factory = _tcp = NewTcp();
        }
        else if (kind == TransportKind.Memory)
        {
            Factory = new MemoryTransport();
        }
        else
        {
            Factory = new SocketTransportFactory(Options.Create(NewSocketOptions()), NullLoggerFactory.Instance);
        }
    }

    public TransportKind Kind { get; }

    public IConnectionListenerFactory Factory { get; }

    public IConnectionListener Listener { get; private set; } = null!;

    public static async Task<TestTransport> StartAsync(TransportKind kind)
    {
        var transport = new TestTransport(kind);
        transport.Listener = await transport.BindAsync(transport.NewEndPoint());
        return transport;
    }

    public EndPoint NewEndPoint() => Kinds.IsUnix(Kind) ? new UnixDomainSocketEndPoint(_path) : new IPEndPoint(IPAddress.Loopback, 0);

    public async Task<IConnectionListener> BindAsync(EndPoint endPoint) => await Factory.BindAsync(endPoint).WithinLimit();

    /// <summary>A connection as its server sees it, and the other end of it.</summary>
    public async Task<(ConnectionContext Connection, Peer Peer)> ConnectAsync(int? peerReceiveBuffer = null)
    {
        Peer peer = await ConnectPeerAsync(peerReceiveBuffer);
        ConnectionContext? connection = await Listener.AcceptAsync().WithinLimit();
        Assert.NotNull(connection);
        return (connection, peer);
    }

    public async Task<Peer> ConnectPeerAsync(int? receiveBuffer = null, EndPoint? endPoint = null)
    {
        Peer peer = Factory is MemoryTransport memory
            ? new MemoryPeer(await memory.ConnectAsync())
            : await SocketPeer.ConnectAsync(endPoint ?? Listener.EndPoint, receiveBuffer);
        _peers.Add(peer);
        return peer;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Peer peer in _peers)
        {
            await peer.DisposeAsync();
        }

        await Listener.DisposeAsync().WithinLimit();
        if (_tcp is not null)
        {
            await _tcp.DisposeAsync().WithinLimit();
        }

        _pool.Dispose();
        if (Kinds.IsUnix(Kind))
        {
            Assert.False(File.Exists(_path));
        }
    }

    private static SocketTransportOptions NewSocketOptions() => new() { MaxReadBufferSize = ReadLimit, MaxWriteBufferSize = WriteLimit };

    private TcpTransportFactory NewTcp() => new(
        Options.Create(new TcpTransportOptions
        {
            BufferPool = _pool,
            PipeBufferPool = _pool,
            MaxReadBufferSize = ReadLimit,
            MaxWriteBufferSize = WriteLimit,
            UnsafePreferInlineScheduling = Kind == TransportKind.TcpInline,
            ZeroCopy = Kind == TransportKind.TcpZeroCopy ? ZeroCopyMode.Always : ZeroCopyMode.Auto,
            DrainDeadlines = DrainDeadlines.Default with { Commands = Timeout.InfiniteTimeSpan, Transmissions = Timeout.InfiniteTimeSpan },
            UserTimeout = TimeSpan.Zero,
        }),
        NullLoggerFactory.Instance);
}
