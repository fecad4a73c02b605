using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>Loops, memory, listeners and connections of one factory. Any thread.</summary>
internal sealed class TcpTransport(TcpTransportOptions options, ILoggerFactory loggerFactory, IMemoryPoolFactory<byte>? memoryPoolFactory) : IAsyncDisposable
{
    private static long _lastId;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<TcpConnection, bool> _connections = new();
    private readonly ConcurrentDictionary<TcpConnectionListener, bool> _listeners = new();
    private EventLoopGroup? _group;
    private TcpLoop[] _loops = [];
    private BufferPool? _pool;
    private BufferPool? _pipePool;
    private MemoryPool<byte>? _memoryPool;
    private TcpMetrics? _metrics;
    private uint _next;
    private bool _disposed;

    public TcpTransportOptions Options => options;

    public ILogger Logger { get; } = loggerFactory.CreateLogger<TcpTransportFactory>();

    public BufferPool Pool => _pool!;

    /// <summary>What pipes are made of.</summary>
    public MemoryPool<byte> MemoryPool => _memoryPool!;

    public IReadOnlyList<TcpLoop> Loops => _loops;

    /// <summary>Tests put a model of the kernel between connections and their sockets here.</summary>
    public Func<TcpSocket, TcpSocket>? SocketDecorator { get; set; }

    /// <summary>The same for listeners.</summary>
    public Func<TcpListenSocket, TcpListenSocket>? ListenSocketDecorator { get; set; }

    public IConnectionListener Bind(EndPoint address)
    {
        EnsureStarted();
        var listener = TcpConnectionListener.Bind(this, NextLoop(), address);
        _listeners.TryAdd(listener, true);
        return listener;
    }

    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        EnsureStarted();
        switch (endPoint)
        {
            case IPEndPoint or UnixDomainSocketEndPoint:
                return await TcpConnectOperation.RunAsync(this, NextLoop(), endPoint, cancellationToken).ConfigureAwait(false);
            case DnsEndPoint name:
                return await ConnectAnyAsync(name, cancellationToken).ConfigureAwait(false);
            default:
                throw new NotSupportedException($"{endPoint.GetType().Name} is not an IP end point, a host name or a Unix domain socket.");
        }
    }

    /// <summary>Makes the connection of an open socket; it does nothing until it is attached to or its pipe is asked for.</summary>
    public TcpConnection Add(TcpLoop loop, TcpSocket socket)
    {
        var connection = new TcpConnection(this, loop, socket, $"tcp-{Interlocked.Increment(ref _lastId)}");
        _connections.TryAdd(connection, true);
        Interlocked.Increment(ref loop.Counters.ConnectionsOpened);
        return connection;
    }

    public TcpConnection Add(TcpLoop loop, SafeFileDescriptor descriptor, EndPoint? remote)
    {
        var socket = new KernelTcpSocket(descriptor, SocketAddresses.LocalEndPoint(descriptor.Descriptor), remote);
        socket.Configure(options);
        return Add(loop, SocketDecorator?.Invoke(socket) ?? socket);
    }

    public void Remove(TcpConnection connection) => _connections.TryRemove(connection, out _);

    public void Remove(TcpConnectionListener listener) => _listeners.TryRemove(listener, out _);

    public TcpLoop NextLoop() => _loops[(Interlocked.Increment(ref _next) - 1) % (uint)_loops.Length];

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        foreach (TcpConnectionListener listener in _listeners.Keys)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }

        await EndConnectionsAsync().ConfigureAwait(false);
        _metrics?.Dispose();
        if (options.EventLoops is null)
        {
            _group?.Dispose();
        }

        foreach (TcpLoop loop in _loops)
        {
            loop.End();
        }

        _memoryPool?.Dispose();
        if (options.PipeBufferPool is null)
        {
            _pipePool?.Dispose();
        }

        if (options.BufferPool is null)
        {
            _pool?.Dispose();
        }
    }

    private async Task EndConnectionsAsync()
    {
        TcpConnection[] connections = [.. _connections.Keys];
        QueuePairLifecycle.BeginTeardownOfAll([.. connections.Select(static connection => connection.Lifecycle)], TeardownCause.ProcessStop);

        Task ended = Task.WhenAll(connections.Select(connection => connection.Lifecycle.Completion));
        if (options.DrainDeadlines.Commands == Timeout.InfiniteTimeSpan || options.DrainDeadlines.Transmissions == Timeout.InfiniteTimeSpan)
        {
            // Those who set no deadline close connections themselves, and none should be left here.
            DrainDeadlines usual = DrainDeadlines.Default;
            await ended.WaitAsync(usual.Commands + usual.Transmissions).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (TcpConnection connection in connections)
            {
                connection.Lifecycle.Abort();
            }
        }

        await ended.ConfigureAwait(false);
    }

    /// <summary>Takes loops, memory and meters, the first time.</summary>
    /// <exception cref="ObjectDisposedException">The transport is disposed of, or the loops that it was given are.</exception>
    public void EnsureStarted()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(TcpTransportFactory));
            (_group ?? options.EventLoops)?.ThrowIfEnded();
            if (_group is not null)
            {
                return;
            }

            _group = options.EventLoops ?? new EventLoopGroup(options.LoopOptions, loggerFactory);
            _pool = options.BufferPool ?? new BufferPool();
            _pipePool = options.PipeBufferPool ?? new BufferPool(new BufferPoolOptions { ReserveInBytes = 0 });
            _memoryPool = memoryPoolFactory?.Create() ?? new PipeMemoryPool(_pipePool);
            _loops = [.. _group.Loops.Select(loop => new TcpLoop(loop))];
            _metrics = new TcpMetrics(this);
        }
    }

    private async Task<TcpConnection> ConnectAnyAsync(DnsEndPoint name, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = await Dns.GetHostAddressesAsync(name.Host, name.AddressFamily, cancellationToken).ConfigureAwait(false);
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound, $"{name.Host} has no address.");
        }

        for (int i = 0; ; i++)
        {
            try
            {
                var endPoint = new IPEndPoint(addresses[i], name.Port);
                return await TcpConnectOperation.RunAsync(this, NextLoop(), endPoint, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException) when (i + 1 < addresses.Length)
            {
                // The next address may answer.
            }
        }
    }
}
