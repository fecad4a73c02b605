using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>
/// NVMe/TCP queue pairs over the connections of any <see cref="IConnectionListenerFactory"/>: zero-copy over connections with
/// <see cref="IOwnedMemoryConnectionFeature"/>, copying over the pipe of all others.
/// </summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed class TcpQueuePairListenerFactory : IQueuePairListenerFactory
{
    private readonly IConnectionListenerFactory _connections;
    private readonly BufferPool _pool;
    private readonly TcpQueuePairSettings _settings;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;

    /// <summary>Creates the factory.</summary>
    /// <param name="connections">Where connections come from.</param>
    /// <param name="pool">Memory for in-capsule data; must be able to rent <see cref="TcpQueuePairOptions.MaxDataTransferSize"/>.</param>
    /// <param name="options">Limits and deadlines; defaults when null.</param>
    /// <param name="loggerFactory">Logging; none when null.</param>
    /// <param name="timeProvider">Clock of the deadlines; the system's when null.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public TcpQueuePairListenerFactory(
        IConnectionListenerFactory connections,
        BufferPool pool,
        TcpQueuePairOptions? options = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(connections);
        ArgumentNullException.ThrowIfNull(pool);
        _connections = connections;
        _pool = pool;
        _settings = new TcpQueuePairSettings(options ?? new TcpQueuePairOptions(), pool);
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Nvmf.Transport.Tcp.QueuePairs");
        _timeProvider = timeProvider ?? TimeProvider.System;
        Pending = new PendingConnections(_settings.MaxPendingConnections);
    }

    /// <summary>Queue pairs without an accepted Connect command.</summary>
    internal PendingConnections Pending { get; }

    /// <summary>True for IP end points: NVMe/TCP runs over any connection, but only these have an address that a discovery log can carry.</summary>
    public bool CanBind(EndPoint endPoint) => endPoint is IPEndPoint;

    /// <inheritdoc/>
    public async ValueTask<IQueuePairListener> BindAsync(EndPoint endPoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return new TcpQueuePairListener(await _connections.BindAsync(endPoint, cancellationToken).ConfigureAwait(false), this);
    }

    /// <summary>
    /// Makes a queue pair of a connection that somebody else accepted (an end point inside Kestrel, TLS). The caller starts the queue pair, keeps the
    /// connection until the completion of <see cref="QueuePair.Lifecycle"/>, and disposes it then.
    /// </summary>
    public QueuePair Adopt(ConnectionContext connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        TcpQueuePair queuePair = Create(connection);
        _ = EndAsync(queuePair, connection: null);
        return queuePair;
    }

    /// <summary>Makes a queue pair that disposes its connection at the end.</summary>
    internal TcpQueuePair Own(ConnectionContext connection)
    {
        TcpQueuePair queuePair = Create(connection);
        _ = EndAsync(queuePair, connection);
        return queuePair;
    }

    private TcpQueuePair Create(ConnectionContext connection)
    {
        // Under TLS the bytes of the protocol are those of the pipe, not those of the socket.
        bool encrypted = connection.Features.Get<ITlsHandshakeFeature>() is not null;
        IOwnedMemoryConnectionFeature channel = (encrypted ? null : connection.Features.Get<IOwnedMemoryConnectionFeature>())
            ?? new PipeOwnedMemoryChannel(connection, _timeProvider);
        var queuePair = new TcpQueuePair(connection, channel, _pool, _settings, Pending, _logger, _timeProvider);
        Pending.Add(queuePair);
        return queuePair;
    }

    private async Task EndAsync(TcpQueuePair queuePair, ConnectionContext? connection)
    {
        await queuePair.Lifecycle.Completion.ConfigureAwait(false);
        Pending.Remove(queuePair);
        if (connection is not null)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
