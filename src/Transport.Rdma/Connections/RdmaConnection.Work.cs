using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Rdma.Connections;

/// <content>What other threads want of the connection, the stages of its lifecycle among it.</content>
internal sealed partial class RdmaConnection : IPostedWorkOwner<RdmaConnection.Work>, IQueuePairStages
{
    private readonly PostedWork<Work> _work;
    private int _adapterEvents;
    private int _lastWorkRequestEvents;
    private bool _quiesced;
    private DrainReport? _report;
    private TaskCompletionSource? _told;

    /// <summary>In the order of the stages.</summary>
    [Flags]
    internal enum Work
    {
        AdapterEvents = 1,
        Quiesce = 2,
        Drain = 4,
        Abort = 8,
        Destroyed = 16,
        Abandon = 32,
        Closed = 64,
    }

    // The connection's own registration keeps it from birth until it is fenced or abandoned; a bit that is set later finds it so and does nothing.
    void IQueuePairStages.OnQuiescing(TeardownCause cause) => _work.Ask(Work.Quiesce);

    void IQueuePairStages.OnDraining() => _work.Ask(Work.Drain);

    void IQueuePairStages.OnAborting() => _work.Ask(Work.Abort);

    void IQueuePairStages.OnAbandoned() => _work.Ask(Work.Abandon);

    void IQueuePairStages.OnDestroy()
    {
    }

    Task IQueuePairStages.OnDestroyed(DrainReport report)
    {
        RdmaLog.Ended(_loop.Transport.Logger, Lifecycle.Id, report.Cause, report.LastStage, report.QuarantinedBytes, report.LateEvents, report.Elapsed);
        _report = report;
        _told = new TaskCompletionSource();
        _work.Ask(Work.Closed);
        return _told.Task;
    }

    /// <summary>
    /// An asynchronous event of the queue pair: acknowledged, and under an event reference that this takes over. Any thread.
    /// </summary>
    public void PostAdapterEvent(bool isLastWorkRequest)
    {
        if (isLastWorkRequest)
        {
            Interlocked.Increment(ref _lastWorkRequestEvents);
        }

        Interlocked.Increment(ref _adapterEvents);
        _work.Ask(Work.AdapterEvents);
    }

    /// <summary>A handler of this connection threw: its protocol is in an unknown state, nothing more may be sent.</summary>
    public void OnFailure(Exception exception)
    {
        RdmaLog.HandlerFailed(_loop.Transport.Logger, exception, Lifecycle.Id);
        AbortBecause(TeardownCause.InternalError, exception);
    }

    /// <summary>
    /// No completion and no event is heard of any more, so nothing graceful is possible. The fence needs neither: it is made on another thread, and its posted end runs.
    /// </summary>
    public void OnLoopEnded()
    {
        if (!_destroyBegun && !_abandoned)
        {
            AbortBecause(TeardownCause.InternalError, _loop.Thread.EndedException());
        }
    }

    /// <summary>Ends the connection without a graceful drain. Any thread.</summary>
    public void AbortBecause(TeardownCause cause, Exception error)
    {
        _peerGone = true;
        Error ??= error;
        Lifecycle.BeginTeardown(cause, error);
        Lifecycle.Abort();
    }

    void IPostedWorkOwner<Work>.Carry(Work work)
    {
        if (_loop.Thread.HasEnded)
        {
            // Made after the loop's last turn.
            OnLoopEnded();
        }

        switch (work)
        {
            case Work.AdapterEvents: OnAdapterEvents(); break;
            case Work.Quiesce: Quiesce(); break;
            case Work.Drain: BeginDrain(); break;
            case Work.Abort: BeginDestroy(); break;
            case Work.Destroyed: OnDestroyed(); break;
            case Work.Abandon: Abandon(); break;
            default: TellClosed(); break;
        }
    }

    void IPostedWorkOwner<Work>.OnWorkFailed(Exception exception) => OnFailure(exception);

    private void TellClosed()
    {
        try
        {
            _owner.OnClosed(_report!);
        }
        finally
        {
            // The transport keeps its loops for as long as it knows a connection.
            _loop.Transport.Remove(this);
            _told!.SetResult();
        }
    }

    private void Quiesce()
    {
        if (!_quiesced)
        {
            _quiesced = true;
            _owner.OnQuiescing(Lifecycle.Cause);
        }
    }

    private void OnAdapterEvents()
    {
        int lasts = Interlocked.Exchange(ref _lastWorkRequestEvents, 0);
        int events = Interlocked.Exchange(ref _adapterEvents, 0);
        if (events == 0)
        {
            return;
        }

        _loop.Counters.LastWorkRequestEvents += lasts;
        if (_destroyBegun)
        {
            _loop.Counters.LateEvents += events;
        }
        else if (lasts > 0)
        {
            OnLastWorkRequest();
        }
        else
        {
            LosePeer(TeardownCause.ConnectionReset, new IOException("The RDMA device reported an error of the queue pair."));
        }

        // The end of what may be touched.
        Lifecycle.Release(ReferenceKind.Event, events);
    }
}
