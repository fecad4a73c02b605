using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target;

namespace Nvmf.Hosting.Internal;

/// <summary>A bound listener, its accept loop and the queue pairs it accepted.</summary>
/// <remarks>
/// <code>
/// Accepting ──RemoveAsync──► out of the discovery log, ──────────────► unbound ──► accept loop ended ──► queue pairs closing ──► all ended, disposed
///                            Connects refused       └─ graceful: hosts ─┘
///                                                      have their time to leave
/// </code>
/// The accept loop ends before the queue pairs are closed, so none can slip in behind.
/// </remarks>
internal sealed class TargetListener
{
    /// <summary>Pause after a failed accept: a lasting failure (no file descriptors left) must not spin.</summary>
    private static readonly TimeSpan AcceptRetryDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>After unbinding an accept ends at once.</summary>
    private static readonly TimeSpan AcceptLoopDeadline = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<QueuePair, long> _queuePairs = [];
    private readonly IQueuePairListener _listener;
    private readonly NvmeTarget _target;
    private readonly TargetPort _port;
    private readonly QueuePairEnds _ends;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _unbinding = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;
    private readonly TaskCompletionSource _graceOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<IReadOnlyList<DrainReport>>? _removal;

    // From the beginning of the removal: those of the queue pairs that were there, and of those accepted since.
    private List<Task<DrainReport>>? _completions;
    private long _accepted;

    public TargetListener(FabricsAddress requested, IQueuePairListener listener, NvmeTarget target, QueuePairEnds ends, ILogger logger)
    {
        Requested = requested;
        Address = FabricsAddress.FromEndPoint(listener.EndPoint);
        _listener = listener;
        _target = target;
        _ends = ends;
        _logger = logger;
        _port = target.AddPort(TargetPorts.OptionsFor(listener.TransportType, listener.EndPoint));
        _accepting = Task.Run(AcceptAllAsync);
    }

    /// <summary>The address as it was asked for; a host name or port 0 is still in it.</summary>
    public FabricsAddress Requested { get; }

    /// <summary>The bound address.</summary>
    public FabricsAddress Address { get; }

    /// <summary>True while the accept loop runs; false without a removal is a fault.</summary>
    public bool IsAccepting => !_accepting.IsCompleted;

    public NvmeListenerInfo Info
    {
        get
        {
            lock (_lock)
            {
                return new NvmeListenerInfo(Address, _queuePairs.Count, Removing: _removal is not null);
            }
        }
    }

    /// <summary>Removes the listener; later calls get the task of the first, and one without grace cuts the first one's short.</summary>
    /// <param name="cause">What the queue pairs end of.</param>
    /// <param name="grace">How long hosts have to leave by themselves.</param>
    public Task<IReadOnlyList<DrainReport>> RemoveAsync(TeardownCause cause, TimeSpan grace)
    {
        lock (_lock)
        {
            if (grace == TimeSpan.Zero)
            {
                _graceOver.TrySetResult();
            }

            _completions ??= [.. _queuePairs.Keys.Select(q => q.Lifecycle.Completion)];
            return _removal ??= Task.Run(() => RemoveCoreAsync(cause, grace));
        }
    }

    /// <summary>Skips the graceful stages of every queue pair left.</summary>
    /// <returns>How many there were.</returns>
    public int AbortQueuePairs()
    {
        QueuePair[] queuePairs = Snapshot();
        foreach (QueuePair queuePair in queuePairs)
        {
            queuePair.Lifecycle.Abort();
        }

        return queuePairs.Length;
    }

    private async Task<IReadOnlyList<DrainReport>> RemoveCoreAsync(TeardownCause cause, TimeSpan grace)
    {
        _target.RemovePort(_port);
        await LetHostsLeaveAsync(grace).ConfigureAwait(false);
        _unbinding.SetResult();
        await EndAcceptingAsync().ConfigureAwait(false);
        QueuePairLifecycle.BeginTeardownOfAll([.. Snapshot().Select(static queuePair => queuePair.Lifecycle)], cause);

        Task<DrainReport>[] completions;
        lock (_lock)
        {
            completions = [.. _completions!];
        }

        DrainReport[] reports = await Task.WhenAll(completions).ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        HostingLog.ListenerRemoved(_logger, Address, reports.Length);
        return reports;
    }

    /// <summary>
    /// The port is out of the discovery log, and hosts that asked for it were told; a Connect is refused without Do Not Retry. Hosts with several paths are told to prefer the
    /// others, which costs one that has no other path nothing. Commands go on.
    /// </summary>
    private async Task LetHostsLeaveAsync(TimeSpan grace)
    {
        if (grace == TimeSpan.Zero || _graceOver.Task.IsCompleted)
        {
            return;
        }

        HostingLog.ListenerLeaving(_logger, Address, grace);
        _port.AnaState = AnaState.NonOptimized;
        using var wait = new CancellationTokenSource();
        await Task.WhenAny(_graceOver.Task, LeftAsync(), Task.Delay(grace, wait.Token)).ConfigureAwait(false);
        await wait.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Ends when no queue pair is left. One that is accepted meanwhile is only there to be refused.</summary>
    private async Task LeftAsync()
    {
        while (Snapshot() is { Length: > 0 } queuePairs)
        {
            await Task.WhenAll(queuePairs.Select(q => q.Lifecycle.Completion)).ConfigureAwait(false);
            await Task.Yield();
        }
    }

    private async Task EndAcceptingAsync()
    {
        try
        {
            await _listener.UnbindAsync().ConfigureAwait(false);
            await _accepting.WaitAsync(AcceptLoopDeadline).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // A transport's fault. What it accepted must be drained all the same.
            HostingLog.UnbindFailed(_logger, Address, error);
        }
    }

    /// <summary>
    /// The last accepted first: an association's I/O queue pairs come before its admin queue pair, whose end would take them along for another
    /// cause.
    /// </summary>
    private QueuePair[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _queuePairs.OrderByDescending(q => q.Value).Select(q => q.Key)];
        }
    }

    private async Task AcceptAllAsync()
    {
        while (true)
        {
            try
            {
                if (await _listener.AcceptAsync().ConfigureAwait(false) is not { } queuePair)
                {
                    return;
                }

                Start(queuePair);
            }
            catch (Exception error)
            {
                if (_unbinding.Task.IsCompleted)
                {
                    return;
                }

                HostingLog.AcceptFailed(_logger, Address, error);
                await Task.WhenAny(Task.Delay(AcceptRetryDelay), _unbinding.Task).ConfigureAwait(false);
            }
        }
    }

    private void Start(QueuePair queuePair)
    {
        lock (_lock)
        {
            _queuePairs.Add(queuePair, ++_accepted);
            _completions?.Add(queuePair.Lifecycle.Completion);
        }

        _ = ForgetAtEndAsync(queuePair);
        try
        {
            queuePair.Start(_target.CreateHandler(queuePair, _port));
        }
        catch (Exception error)
        {
            HostingLog.QueuePairNotStarted(_logger, queuePair.Id, error);
            queuePair.Close(TeardownCause.InternalError, error);
        }
    }

    private async Task ForgetAtEndAsync(QueuePair queuePair)
    {
        DrainReport report = await queuePair.Lifecycle.Completion.ConfigureAwait(false);
        lock (_lock)
        {
            _queuePairs.Remove(queuePair);
        }

        _ends.Record(report);
    }
}
