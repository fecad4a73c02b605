using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Rdma.Connections;

/// <content>
/// What other threads want of the connection: bits set by anybody, carried out on the loop, always in the order of the bits. So the stages of the lifecycle,
/// which may come from several threads, cannot overtake each other here.
/// </content>
internal sealed partial class RdmaConnection : IThreadPoolWorkItem, IQueuePairStages
{
    private int _requests;
    private int _adapterEvents;
    private int _lastWorkRequestEvents;
    private bool _quiesced;
    private DrainReport? _report;
    private TaskCompletionSource? _told;

    [Flags]
    private enum Work
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
    void IQueuePairStages.OnQuiescing(TeardownCause cause) => Request(Work.Quiesce);

    void IQueuePairStages.OnDraining() => Request(Work.Drain);

    void IQueuePairStages.OnAborting() => Request(Work.Abort);

    void IQueuePairStages.OnAbandoned() => Request(Work.Abandon);

    void IQueuePairStages.OnDestroy()
    {
    }

    Task IQueuePairStages.OnDestroyed(DrainReport report)
    {
        RdmaLog.Ended(_loop.Transport.Logger, Lifecycle.Id, report.Cause, report.LastStage, report.QuarantinedBytes, report.LateEvents, report.Elapsed);
        _report = report;
        _told = new TaskCompletionSource();
        Request(Work.Closed);
        return _told.Task;
    }

    void IThreadPoolWorkItem.Execute()
    {
        var requests = (Work)Interlocked.Exchange(ref _requests, 0);
        for (var work = Work.AdapterEvents; work <= Work.Closed; work = (Work)((int)work << 1))
        {
            if ((requests & work) != 0)
            {
                Carry(work);
            }
        }
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
        Request(Work.AdapterEvents);
    }

    /// <summary>A handler of this connection threw: its protocol is in an unknown state, nothing more may be sent.</summary>
    public void OnFailure(Exception exception)
    {
        RdmaLog.HandlerFailed(_loop.Transport.Logger, exception, Lifecycle.Id);
        AbortBecause(TeardownCause.InternalError, exception);
    }

    /// <summary>Ends the connection without a graceful drain. Any thread.</summary>
    public void AbortBecause(TeardownCause cause, Exception error)
    {
        _peerGone = true;
        Error ??= error;
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

    private void Carry(Work work)
    {
        try
        {
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
        catch (Exception exception)
        {
            OnFailure(exception);
        }
    }

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
