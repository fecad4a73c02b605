using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>epoll: states while level-triggered, changes while edge-triggered; error and hang-up whatever was asked for.</summary>
internal sealed unsafe partial class KernelModel
{
    private const ReadyEvents Unmaskable = ReadyEvents.Error | ReadyEvents.HangUp;
    private ReadyEvents _interest;
    private ReadyEvents _edges;
    private bool _writableWanted;

    public IEventLoopHandler? Handler { get; private set; }

    private ReadyEvents State
    {
        get
        {
            ReadyEvents state = ReadyEvents.None;
            if (_received.Count > 0 || _peerFin || IsDead || _error != 0)
            {
                state |= ReadyEvents.Readable;
            }

            if (IsDead || !_writableWanted)
            {
                state |= ReadyEvents.Writable;
            }

            if (_errorQueue.Count > 0 || _error != 0)
            {
                state |= ReadyEvents.Error;
            }

            if (IsDead || (_peerFin && _finSent))
            {
                state |= ReadyEvents.HangUp;
            }

            if (_peerFin || IsDead)
            {
                state |= ReadyEvents.PeerClosed;
            }

            return state;
        }
    }

    public void Register(ReadyEvents events, IEventLoopHandler handler)
    {
        CheckOpen();
        if (Handler is not null)
        {
            Misuse ??= "Registered twice.";
        }

        Handler = handler;
        SetEvents(events);
    }

    public void SetEvents(ReadyEvents events)
    {
        CheckOpen();
        _interest = events;

        // epoll_ctl looks at the state once, edge-triggered or not.
        _edges = State;
    }

    public void Unregister()
    {
        CheckOpen();
        Handler = null;
    }

    /// <summary>What epoll_wait would report now; edges are reported once.</summary>
    public ReadyEvents TakeReady()
    {
        if (Handler is null)
        {
            return ReadyEvents.None;
        }

        ReadyEvents ready = State & (_interest | Unmaskable);
        if ((_interest & ReadyEvents.EdgeTriggered) == 0)
        {
            return ready;
        }

        if ((_edges & (_interest | Unmaskable)) == 0)
        {
            return ReadyEvents.None;
        }

        _edges = ReadyEvents.None;
        return ready;
    }

    private void Edge(ReadyEvents events) => _edges |= events;
}
