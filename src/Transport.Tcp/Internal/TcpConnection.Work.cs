using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>What other threads want of the connection, the stages of its lifecycle among it.</summary>
internal sealed partial class TcpConnection : IPostedWorkOwner<TcpConnection.Work>, IQueuePairStages
{
    private readonly PostedWork<Work> _work;
    private bool _quiesced;
    private bool _closedTold;

    // Set before a teardown that is to end without FIN: its stages may already be on their way when Lifecycle.Abort is called.
    private volatile bool _abortFollows;
    private DrainReport? _report;
    private TaskCompletionSource? _told;

    /// <summary>In the order of the stages.</summary>
    [Flags]
    internal enum Work
    {
        Start = 1,
        Fail = 2,
        Quiesce = 4,
        Drain = 8,
        Abort = 16,
        Abandon = 32,
        Resume = 64,
        Closed = 128,
    }

    // The lifecycle holds an event reference around each of these calls, and the connection its own registration until it is finished; a bit
    // that is set later finds it finished and does nothing.
    void IQueuePairStages.OnQuiescing(TeardownCause cause) => _work.Ask(Work.Quiesce);

    void IQueuePairStages.OnDraining() => _work.Ask(Work.Drain);

    void IQueuePairStages.OnAborting() => _work.Ask(Work.Abort);

    void IQueuePairStages.OnAbandoned() => _work.Ask(Work.Abandon);

    void IQueuePairStages.OnDestroy() => Interlocked.Increment(ref _loop.Counters.ConnectionsClosed);

    Task IQueuePairStages.OnDestroyed(DrainReport report)
    {
        TcpLog.ConnectionEnded(
            _transport.Logger, ConnectionId, report.Cause, report.LastStage, report.DrainedBytes, report.AbortedBytes, report.Elapsed);
        _report = report;
        _told = new TaskCompletionSource();
        _work.Ask(Work.Closed);
        return _told.Task;
    }

    /// <summary>A callback of this connection threw: its protocol is in an unknown state, nothing more may be sent.</summary>
    public void OnFailure(Exception exception)
    {
        TcpLog.HandlerFailed(_transport.Logger, exception, ConnectionId);
        AbortBecause(TeardownCause.InternalError, exception);
    }

    /// <summary>
    /// Readiness is not heard of any more, so nothing graceful is possible. The abort needs none: what the kernel then still holds is asked for once more at T3, and
    /// what is unproven even then is quarantined.
    /// </summary>
    public void OnLoopEnded()
    {
        if (!_abortFollows && !_finished)
        {
            AbortBecause(TeardownCause.InternalError, _loop.Thread.EndedException());
        }
    }

    /// <summary>Ends the connection without a graceful drain. Any thread.</summary>
    public void AbortBecause(TeardownCause cause, Exception error)
    {
        _abortFollows = true;
        Lifecycle.BeginTeardown(cause, error);
        Lifecycle.Abort();
    }

    void IPostedWorkOwner<Work>.Carry(Work work)
    {
        if (_loop.Thread.HasEnded)
        {
            // Not registered by the loop's last turn, so nobody has told.
            OnLoopEnded();
        }

        switch (work)
        {
            case Work.Start: StartReceiving(); break;
            case Work.Fail: OnBroken(_error); break;
            case Work.Quiesce: Quiesce(); break;
            case Work.Drain: BeginDrain(); break;
            case Work.Abort: BeginAbort(); break;
            case Work.Abandon: Abandon(); break;
            case Work.Resume: DeliverHeldBack(); break;
            default: TellClosed(); break;
        }
    }

    void IPostedWorkOwner<Work>.OnWorkFailed(Exception exception) => OnFailure(exception);

    private void Quiesce()
    {
        if (_quiesced)
        {
            return;
        }

        _quiesced = true;
        _handler?.OnQuiescing(Lifecycle.Cause);
        RequestFlush();
    }

    private void TellClosed()
    {
        _closedTold = true;
        try
        {
            _handler?.OnClosed(_report!);
        }
        finally
        {
            // The transport keeps its loops for as long as it knows a connection.
            _transport.Remove(this);
            _told!.SetResult();
        }
    }
}
