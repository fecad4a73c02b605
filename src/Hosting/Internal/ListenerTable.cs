using System.Net;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target;

namespace Nvmf.Hosting.Internal;

/// <summary>The listeners of a host. Any thread.</summary>
internal sealed class ListenerTable(NvmeTarget target, IEnumerable<IQueuePairListenerFactory> factories, QueuePairEnds ends, ILogger logger)
{
    /// <summary>Asked from the last registered to the first, as Kestrel does.</summary>
    private readonly IQueuePairListenerFactory[] _factories = [.. factories.Reverse()];

    private static readonly TimeSpan MaxGrace = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly List<TargetListener> _listeners = [];
    private bool _stopping;

    public IReadOnlyList<TargetListener> Listeners
    {
        get
        {
            lock (_lock)
            {
                return [.. _listeners];
            }
        }
    }

    public async Task<TargetListener> AddAsync(string address, CancellationToken cancellationToken)
    {
        if (!FabricsAddress.TryParse(address, out FabricsAddress? parsed, out string? error))
        {
            throw new NvmeTargetException(NvmeTargetError.Invalid, error);
        }

        IQueuePairListener bound = await BindAsync(parsed, cancellationToken).ConfigureAwait(false);
        try
        {
            return Keep(parsed, bound);
        }
        catch
        {
            await bound.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task<IReadOnlyList<DrainReport>> RemoveAsync(string address, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (!FabricsAddress.TryParse(address, out FabricsAddress? parsed, out string? error))
        {
            throw new NvmeTargetException(NvmeTargetError.Invalid, error);
        }

        if (grace < TimeSpan.Zero || grace > MaxGrace)
        {
            throw new NvmeTargetException(NvmeTargetError.Invalid, $"{grace} is not a time from 0 to {MaxGrace.TotalHours:0} h.");
        }

        // One that is being removed may have left its address to a successor.
        TargetListener[] listeners = [.. Listeners.OrderBy(l => l.Info.Removing)];
        TargetListener listener = listeners.FirstOrDefault(l => l.Address.Equals(parsed)) ?? listeners.FirstOrDefault(l => l.Requested.Equals(parsed))
            ?? throw new NvmeTargetException(NvmeTargetError.NotFound, $"There is no listener {parsed}.");
        return await RemoveAsync(listener, TeardownCause.ListenerRemoved, grace).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Refuses new listeners and removes all, side by side.</summary>
    public async Task<IReadOnlyList<DrainReport>> RemoveAllAsync(TeardownCause cause)
    {
        TargetListener[] listeners;
        lock (_lock)
        {
            _stopping = true;
            listeners = [.. _listeners];
        }

        IReadOnlyList<DrainReport>[] reports = await Task.WhenAll(listeners.Select(l => RemoveAsync(l, cause, TimeSpan.Zero))).ConfigureAwait(false);
        return [.. reports.SelectMany(r => r)];
    }

    private TargetListener Keep(FabricsAddress requested, IQueuePairListener bound)
    {
        lock (_lock)
        {
            if (_stopping)
            {
                throw new NvmeTargetException(NvmeTargetError.Unavailable, $"Cannot listen on {requested}: the host is stopping.");
            }

            var listener = new TargetListener(requested, bound, target, ends, logger);
            _listeners.Add(listener);
            HostingLog.ListenerAdded(logger, listener.Address);
            return listener;
        }
    }

    private async Task<IReadOnlyList<DrainReport>> RemoveAsync(TargetListener listener, TeardownCause cause, TimeSpan grace)
    {
        try
        {
            return await listener.RemoveAsync(cause, grace).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _listeners.Remove(listener);
            }
        }
    }

    private async Task<IQueuePairListener> BindAsync(FabricsAddress address, CancellationToken cancellationToken)
    {
        try
        {
            EndPoint endPoint = await address.ResolveAsync(cancellationToken).ConfigureAwait(false);
            IQueuePairListenerFactory factory = Array.Find(_factories, f => f.CanBind(endPoint))
                ?? throw new PlatformNotSupportedException("no transport of this host serves such addresses");
            return await factory.BindAsync(endPoint, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw BindFailure.ToException(address, error);
        }
    }
}
