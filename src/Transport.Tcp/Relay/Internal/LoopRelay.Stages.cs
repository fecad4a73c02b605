using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>What other threads want: bits set by anybody, carried out on the loop, as in <see cref="TcpConnection"/>.</summary>
internal sealed partial class LoopRelay
{
    private int _requests;
    private bool _begun;
    private bool _stopped;
    private bool _aborted;

    [Flags]
    private enum Work
    {
        Start = 1,
        Pump = 2,
        Stop = 4,
        Abort = 8,
    }

    // Both connections hold a registration until their end, so the relay is there when a posted step runs; a step that comes twice does nothing.
    // Nothing happens in Quiescing: an abort that follows at once must not find a FIN sent.
    void IQueuePairStages.OnQuiescing(TeardownCause cause)
    {
    }

    void IQueuePairStages.OnDraining() => Request(Work.Stop);

    void IQueuePairStages.OnAborting() => Request(Work.Abort);

    // T3 has passed: the connections run into theirs, which began later, and quarantine what they hold. The relay has no memory of its own in the kernel's hands.
    void IQueuePairStages.OnAbandoned()
    {
    }

    void IQueuePairStages.OnDestroy() => _factory.Remove(this);

    void IThreadPoolWorkItem.Execute()
    {
        var requests = (Work)Interlocked.Exchange(ref _requests, 0);
        if ((requests & Work.Start) != 0)
        {
            BeginOnce();
        }

        if ((requests & Work.Pump) != 0)
        {
            Pump();
        }

        if ((requests & Work.Abort) != 0)
        {
            AbortBoth();
        }
        else if ((requests & Work.Stop) != 0)
        {
            Stop();
        }
    }

    public void OnFailure(Exception exception)
    {
        Lifecycle.BeginTeardown(TeardownCause.InternalError, exception);
        Lifecycle.Abort();
    }

    private void Request(Work work)
    {
        if (Interlocked.Or(ref _requests, (int)work) == 0)
        {
            _loop.Thread.Post(this);
        }
    }

    private void BeginOnce()
    {
        if (_begun)
        {
            return;
        }

        _begun = true;
        Begin();
    }

    /// <summary>Reads no more, delivers what was read, then closes each side.</summary>
    private void Stop()
    {
        // A teardown can overtake the start.
        BeginOnce();
        if (_stopped || _aborted)
        {
            return;
        }

        _stopped = true;
        _idle?.Stop();
        StopEnd(_upstream);
        StopEnd(_downstream);
    }

    private void StopEnd(RelayEnd end)
    {
        if (end.Outgoing.IsFinished)
        {
            end.Connection.Lifecycle.BeginTeardown(Lifecycle.Cause);
        }
        else
        {
            end.Outgoing.Stop();
        }
    }

    private void AbortBoth()
    {
        BeginOnce();
        if (_aborted)
        {
            return;
        }

        _aborted = true;
        _stopped = true;
        _idle?.Stop();
        Lifecycle.AddProven(_toUpstream.Drop() + _toDownstream.Drop());
        var reason = new ConnectionAbortedException($"The relay was closed: {Lifecycle.Cause}.");
        AbortEnd(_upstream, reason);
        AbortEnd(_downstream, reason);
    }

    private void AbortEnd(RelayEnd end, ConnectionAbortedException reason)
    {
        end.ReleaseCommand();
        end.Connection.AbortBecause(Lifecycle.Cause, reason);
    }
}
