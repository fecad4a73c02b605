using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Connections;
using Nvmf.Transport.Rdma.QueuePairs;

namespace Nvmf.Transport.Rdma;

/// <summary>Opens NVMe/RDMA queue pairs.</summary>
/// <remarks>
/// All members may be called from any thread. The slabs of the pool are open to the controllers connected to, for reading and writing, while a queue pair to them lives:
/// connect to controllers that are trusted with the pool, or give each its own.
/// </remarks>
public sealed class RdmaHostQueuePairConnector : IHostQueuePairConnector, IAsyncDisposable
{
    /// <summary>Creates the connector. Threads, adapters and memory are taken when it is first used.</summary>
    /// <param name="pool">Memory for capsules; commands' data must come from it, too.</param>
    /// <param name="options">Limits and deadlines; defaults when null.</param>
    /// <param name="loggerFactory">Logging; none when null.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public RdmaHostQueuePairConnector(BufferPool pool, RdmaTransportOptions? options = null, ILoggerFactory? loggerFactory = null)
        : this(RdmaStack.Default, pool, options, loggerFactory)
    {
    }

    internal RdmaHostQueuePairConnector(RdmaStack stack, BufferPool pool, RdmaTransportOptions? options, ILoggerFactory? loggerFactory)
    {
        Transport = new RdmaTransport(stack, pool, options, loggerFactory);
    }

    internal RdmaTransport Transport { get; }

    /// <inheritdoc/>
    public bool CanConnect(EndPoint endPoint) => endPoint is RdmaEndPoint;

    /// <inheritdoc/>
    /// <exception cref="PlatformNotSupportedException">RDMA cannot be used here; the message says what is missing.</exception>
    /// <exception cref="ObjectDisposedException">The connector is being disposed of.</exception>
    public async ValueTask<HostQueuePair> ConnectAsync(EndPoint endPoint, HostQueuePairOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (endPoint is not RdmaEndPoint address)
        {
            throw new NotSupportedException($"{endPoint?.GetType().Name ?? "null"} is not an RDMA end point.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(options.QueueSize, 2, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.QueueSize, HostQueuePairOptions.MaxQueueSize, nameof(options));
        using var deadline = new CancellationTokenSource(options.ConnectTimeout, Transport.Options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        RdmaHostQueuePair queuePair = await BeginAsync(address, options).ConfigureAwait(false);
        try
        {
            await queuePair.Handshake.WaitAsync(either.Token).ConfigureAwait(false);
            return queuePair;
        }
        catch (OperationCanceledException exception) when (exception is not ConnectionAbortedException)
        {
            queuePair.Close(TeardownCause.TimedOut, exception);
            if (cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            throw new ConnectionAbortedException($"{endPoint} did not answer within {options.ConnectTimeout.TotalSeconds:0.###} s.");
        }
        catch (Exception exception) when (Transport.IsDisposed)
        {
            throw new ObjectDisposedException("The connector was disposed of while it connected.", exception);
        }
    }

    /// <summary>Closes all queue pairs, within their deadlines, then gives back memory, adapters and the connector's own loops. The pool must live longer.</summary>
    public ValueTask DisposeAsync() => Transport.DisposeAsync();

    private async Task<RdmaHostQueuePair> BeginAsync(RdmaEndPoint address, HostQueuePairOptions options)
    {
        RdmaHostQueuePair? queuePair = null;
        int result = 0;
        await Transport.RunAsync(loop =>
        {
            result = loop.Channel.CreateId(out CmId? id);
            if (result >= 0)
            {
                queuePair = new RdmaHostQueuePair(loop, id!, address, options);
                queuePair.Connect();
            }
        }).ConfigureAwait(false);
        return queuePair ?? throw new ConnectionAbortedException($"{address} cannot be reached: {ErrorText.Exception("rdma_create_id", result).Message}");
    }
}
