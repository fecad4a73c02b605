using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// What other threads want of the connection: bits set by anybody, carried out on the loop, always in the order of the bits. So the stages
/// of the lifecycle, which may come from several threads, cannot overtake each other here.
/// </summary>
internal sealed partial class TcpConnection : IThreadPoolWorkItem, IQueuePairStages
{
    private int _requests;
    private bool _quiesced;
    private bool _closedTold;

    // Set before a teardown that is to end without FIN: its stages may already be on their way when Lifecycle.Abort is called.
    private volatile bool _abortFollows;
    private DrainReport? _report;
    private TaskCompletionSource? _told;

    [Flags]
    private enum Work
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
    void IQueuePairStages.OnQuiescing(TeardownCause cause) => Request(Work.Quiesce);

    void IQueuePairStages.OnDraining() => Request(Work.Drain);

    void IQueuePairStages.OnAborting() => Request(Work.Abort);

    void IQueuePairStages.OnAbandoned() => Request(Work.Abandon);

    void IQueuePairStages.OnDestroy() => Interlocked.Increment(ref _loop.Counters.ConnectionsClosed);

    Task IQueuePairStages.OnDestroyed(DrainReport report)
    {
        TcpLog.ConnectionEnded(
            _transport.Logger, ConnectionId, report.Cause, report.LastStage, report.DrainedBytes, report.AbortedBytes, report.Elapsed);
        _report = report;
        _told = new TaskCompletionSource();
        Request(Work.Closed);
        return _told.Task;
    }

    void IThreadPoolWorkItem.Execute()
    {
        var requests = (Work)Interlocked.Exchange(ref _requests, 0);
        for (var work = Work.Start; work <= Work.Closed; work = (Work)((int)work << 1))
        {
            if ((requests & work) != 0)
            {
                Carry(work);
            }
        }
    }

    /// <summary>A callback of this connection threw: its protocol is in an unknown state, nothing more may be sent.</summary>
    public void OnFailure(Exception exception)
    {
        TcpLog.HandlerFailed(_transport.Logger, exception, ConnectionId);
        AbortBecause(TeardownCause.InternalError, exception);
    }

    /// <summary>Ends the connection without a graceful drain. Any thread.</summary>
    public void AbortBecause(TeardownCause cause, Exception error)
    {
        _abortFollows = true;
        Lifecycle.BeginTeardown(cause, error);
        Lifecycle.Abort();
    }

    private void Request(Work work)
    {
        if (Interlocked.Or(ref _requests, (int)work) == 0)
        {
            _loop.Thread.Post(this);
        }
    }

    /// <summary>One step; a handler that throws in it must not keep a later one from running.</summary>
    private void Carry(Work work)
    {
        try
        {
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
        catch (Exception exception)
        {
            OnFailure(exception);
        }
    }

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
