using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Connections;
using Nvmf.Transport.Rdma.QueuePairs;

namespace Nvmf.Transport.Rdma;

/// <summary>NVMe/RDMA queue pairs for <see cref="RdmaEndPoint"/>s. Threads, adapters and memory are taken when the first listener is bound.</summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed class RdmaQueuePairListenerFactory : IQueuePairListenerFactory, IAsyncDisposable
{
    private readonly PendingQueuePairs _pending;

    /// <summary>Creates the factory.</summary>
    /// <param name="pool">
    /// Memory for capsules, and the pool of the target that runs on these queue pairs: its slabs are registered with the adapters, as long as this factory lives.
    /// </param>
    /// <param name="options">Limits and deadlines; defaults when null.</param>
    /// <param name="loggerFactory">Logging; none when null.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public RdmaQueuePairListenerFactory(BufferPool pool, RdmaTransportOptions? options = null, ILoggerFactory? loggerFactory = null)
        : this(RdmaStack.Default, pool, options, loggerFactory)
    {
    }

    internal RdmaQueuePairListenerFactory(RdmaStack stack, BufferPool pool, RdmaTransportOptions? options, ILoggerFactory? loggerFactory)
    {
        Transport = new RdmaTransport(stack, pool, options, loggerFactory);
        _pending = new PendingQueuePairs(Transport.Options.MaxPendingConnections);
    }

    /// <summary>True where RDMA can be used: library and device are there, and we may open them.</summary>
    public static bool IsSupported => NotSupportedReason is null;

    /// <summary>Why <see cref="IsSupported"/> is false, or null: one sentence that says what is missing and how to get it.</summary>
    public static string? NotSupportedReason => RdmaStack.Default.NotSupportedReason;

    internal RdmaTransport Transport { get; }

    /// <summary>True for <see cref="RdmaEndPoint"/>s, also where RDMA cannot be used: <see cref="BindAsync"/> says why.</summary>
    public bool CanBind(EndPoint endPoint) => endPoint is RdmaEndPoint;

    /// <inheritdoc/>
    /// <exception cref="IOException">The address cannot be bound; the message says why.</exception>
    /// <exception cref="ObjectDisposedException">The factory is being disposed of.</exception>
    public async ValueTask<IQueuePairListener> BindAsync(EndPoint endPoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        if (endPoint is not RdmaEndPoint address)
        {
            throw new NotSupportedException($"{endPoint.GetType().Name} is not an RDMA end point.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        (RdmaListener? listener, int result) = await RdmaListener.BindAsync(Transport, _pending, address).ConfigureAwait(false);
        return result switch
        {
            -Errno.EADDRINUSE => throw new AddressInUseException($"{address} is in use already."),
            -Errno.ENODEV or -Errno.EADDRNOTAVAIL => throw new IOException($"No RDMA device has the address {address.IPEndPoint.Address}: rdma link add NAME type rxe netdev INTERFACE gives an interface one in software.", result),
            < 0 => throw new IOException($"{address} cannot be bound: {ErrorText.Of(result)}.", result),
            _ => listener!,
        };
    }

    /// <summary>Drains all queue pairs, within their deadlines, then gives back memory, adapters and the factory's own loops. The pool must live longer.</summary>
    public ValueTask DisposeAsync() => Transport.DisposeAsync();
}
