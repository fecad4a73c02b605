using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator;

// The end of an association:
//
//   a queue pair breaks ──► CloseAll ──────────────────────────────────────────┐
//   keep-alive fails    ──► CloseAll                                            ├──► every queue pair drained ──► Ended
//   DisposeAsync ──► I/O queues closed ──► CC.SHN, wait CSTS.SHST ──► CloseAll ─┘
//
// Each arrow has a deadline: those of the drain stages, and ShutdownTimeout for CSTS.SHST.
public sealed partial class NvmeController
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<DrainReport> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NvmeQueue[] _snapshot = [];
    private DrainReport? _firstReport;
    private TeardownCause _endCause;
    private Exception? _endError;
    private int _openQueues;
    private bool _enabled;
    private bool _shuttingDown;
    private int _disposed;
    private long _quarantinedCommands;
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends, without fault, when all queue pairs are gone: the report of the one that ended first says why.</summary>
    public Task<DrainReport> Ended => _ended.Task;

    /// <summary>Ends when the association begins to: commands are refused or fail from now on.</summary>
    public Task Ending => _ending.Task;

    /// <summary>
    /// Commands with a lease of the caller whose tasks will never end: the association ended, and within the last deadline of the drain nobody proved that the
    /// lease is off the wire. Logged as errors; they mean a broken driver.
    /// </summary>
    public long QuarantinedCommands => Interlocked.Read(ref _quarantinedCommands);

    /// <summary>
    /// Ends what is left of an ending association by force: connections are reset, and their memory is free as soon as the kernel proves it, instead of after
    /// the peer has taken what was queued for it.
    /// </summary>
    internal void AbortQueues()
    {
        NvmeQueue[] queues;
        lock (_gate)
        {
            queues = _snapshot;
        }

        foreach (var queue in queues)
        {
            queue.Lifecycle.Abort();
        }
    }

    private void OnQuarantined(NvmeQueue queue, NvmeRequest request)
    {
        Interlocked.Increment(ref _quarantinedCommands);
        LogQuarantined(request.Name, queue.Id, EndPoint, request.Data.Length);
    }

    private void AddQueue(NvmeQueue queue)
    {
        lock (_gate)
        {
            _queues.Add(queue);
            _snapshot = [.. _queues];
            _openQueues++;
            // The association broke while this queue was being connected.
            if (_endCause != TeardownCause.None)
            {
                queue.Close(_endCause, _endError);
            }
        }

        _ = WatchAsync(queue);
    }

    private async Task WatchAsync(NvmeQueue queue)
    {
        var report = await queue.Ended.ConfigureAwait(false);
        bool last;
        lock (_gate)
        {
            _firstReport ??= report;
            last = --_openQueues == 0;
        }

        // During a shutdown the I/O queues go first and the admin queue has something left to say.
        if (queue.Id == 0 || !_shuttingDown)
        {
            CloseAll(TeardownCause.AssociationEnded, report.Error);
        }

        if (!last)
        {
            return;
        }

        _stopping.Cancel();
        _deadlines?.Dispose();
        _events.Writer.TryComplete();
        LogEnded(Options.SubsystemNqn, EndPoint, _firstReport.Cause);
        _ended.TrySetResult(_firstReport);
    }

    private void CloseAll(TeardownCause cause, Exception? error)
    {
        NvmeQueue[] queues;
        lock (_gate)
        {
            if (_endCause != TeardownCause.None)
            {
                return;
            }

            _endCause = cause;
            _endError = error;
            queues = _snapshot;
        }

        _ending.TrySetResult();
        foreach (var queue in queues)
        {
            queue.Close(cause, error);
        }
    }

    /// <summary>
    /// Shuts the controller down and closes the association; commands still out fail. Ends within <see cref="NvmeConnectOptions.ShutdownTimeout"/> plus the
    /// drain deadlines of the queue pairs.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Volatile.Write(ref _shuttingDown, true);
            await _stopping.CancelAsync().ConfigureAwait(false);
            if (_enabled && _endCause == TeardownCause.None)
            {
                await ShutDownAsync().ConfigureAwait(false);
            }

            CloseAll(TeardownCause.LocalClose, null);
        }

        if (_snapshot.Length > 0)
        {
            await Ended.ConfigureAwait(false);
        }

        if (_deadlines is not null)
        {
            await _deadlines.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task ShutDownAsync()
    {
        using var deadline = new CancellationTokenSource(Options.ShutdownTimeout, _timeProvider);
        try
        {
            foreach (var queue in _ioQueues)
            {
                queue.Close(TeardownCause.LocalClose);
            }

            await Task.WhenAll(_ioQueues.Select(queue => queue.Ended)).WaitAsync(deadline.Token).ConfigureAwait(false);
            // What a silent controller has in flight ends with its queue pair: not waited for here.
            await RequestShutdownAsync(deadline.Token).WaitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or TimeoutException or InvalidOperationException)
        {
            LogShutdownFailed(e);
        }
    }

    private async Task RequestShutdownAsync(CancellationToken cancellationToken)
    {
        var configuration = Enabled with { ShutdownNotification = ShutdownNotification.Normal };
        await SetPropertyAsync(PropertyOffset.Configuration, configuration.Value, cancellationToken).ConfigureAwait(false);
        await WaitForStatusAsync(static status => status.Shutdown == ShutdownStatus.Complete, Options.ShutdownTimeout, "shut down", cancellationToken).ConfigureAwait(false);
    }
}
