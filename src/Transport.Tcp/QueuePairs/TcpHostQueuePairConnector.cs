using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>Opens NVMe/TCP queue pairs over the connections of any <see cref="IConnectionFactory"/>.</summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed class TcpHostQueuePairConnector : IHostQueuePairConnector
{
    private readonly IConnectionFactory _connections;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;

    /// <summary>Creates the connector.</summary>
    /// <param name="connections">Opens the connections.</param>
    /// <param name="loggerFactory">Logging; none when null.</param>
    /// <param name="timeProvider">Clock of the deadlines; the system's when null.</param>
    public TcpHostQueuePairConnector(IConnectionFactory connections, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(connections);
        _connections = connections;
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Nvmf.Transport.Tcp.QueuePairs");
        _timeProvider = timeProvider ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public bool CanConnect(EndPoint endPoint) => endPoint is IPEndPoint or DnsEndPoint;

    /// <inheritdoc/>
    public async ValueTask<HostQueuePair> ConnectAsync(
        EndPoint endPoint, HostQueuePairOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(options);
        using var deadline = new CancellationTokenSource(options.ConnectTimeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            ConnectionContext connection = await _connections.ConnectAsync(endPoint, either.Token).ConfigureAwait(false);
            return await ShakeHandsAsync(connection, options, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (exception is not ConnectionAbortedException && !cancellationToken.IsCancellationRequested)
        {
            // A ConnectionAbortedException is one, too.
            throw new ConnectionAbortedException($"{endPoint} did not answer within {options.ConnectTimeout.TotalSeconds:0.###} s.");
        }
        catch (SocketException exception)
        {
            throw new ConnectionAbortedException($"{endPoint} cannot be reached: {exception.Message.TrimEnd('.')}.", exception);
        }
    }

    private async Task<HostQueuePair> ShakeHandsAsync(ConnectionContext connection, HostQueuePairOptions options, CancellationToken cancellationToken)
    {
        TcpHostQueuePair queuePair;
        try
        {
            bool encrypted = connection.Features.Get<ITlsHandshakeFeature>() is not null;
            IOwnedMemoryConnectionFeature channel = (encrypted ? null : connection.Features.Get<IOwnedMemoryConnectionFeature>())
                ?? new PipeOwnedMemoryChannel(connection, _timeProvider);
            queuePair = new TcpHostQueuePair(connection, channel, options, _logger);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        _ = DisposeAtTheEndAsync(queuePair, connection);
        queuePair.Start();
        try
        {
            await queuePair.Handshake.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (exception is not ConnectionAbortedException)
        {
            queuePair.Close(TeardownCause.TimedOut, exception);
            throw;
        }

        return queuePair;
    }

    private static async Task DisposeAtTheEndAsync(TcpHostQueuePair queuePair, ConnectionContext connection)
    {
        await queuePair.Lifecycle.Completion.ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
    }
}
