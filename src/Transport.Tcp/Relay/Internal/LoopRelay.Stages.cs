using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>What other threads want of the relay, the stages of its lifecycle among it.</summary>
internal sealed partial class LoopRelay : IPostedWorkOwner<LoopRelay.Work>
{
    private readonly PostedWork<Work> _work;
    private bool _begun;
    private bool _stopped;
    private bool _aborted;

    /// <summary>The abort ahead of the stop that it overtook, which then does nothing: a connection that is to be reset must not send FIN.</summary>
    [Flags]
    internal enum Work
    {
        Start = 1,
        Pump = 2,
        Abort = 4,
        Stop = 8,
    }

    // Both connections hold a registration until their end, so the relay is there when a posted step runs; a step that comes twice does nothing.
    // Nothing happens in Quiescing: an abort that follows at once must not find a FIN sent.
    void IQueuePairStages.OnQuiescing(TeardownCause cause)
    {
    }

    void IQueuePairStages.OnDraining() => _work.Ask(Work.Stop);

    void IQueuePairStages.OnAborting() => _work.Ask(Work.Abort);

    // T3 has passed: the connections run into theirs, which began later, and quarantine what they hold. The relay has no memory of its own in the kernel's hands.
    void IQueuePairStages.OnAbandoned()
    {
    }

    void IQueuePairStages.OnDestroy() => _factory.Remove(this);

    void IPostedWorkOwner<Work>.Carry(Work work)
    {
        switch (work)
        {
            case Work.Start: BeginOnce(); break;
            case Work.Pump: Pump(); break;
            case Work.Abort: AbortBoth(); break;
            default: Stop(); break;
        }
    }

    void IPostedWorkOwner<Work>.OnWorkFailed(Exception exception) => _loop.Thread.Report(this, exception);

    public void OnFailure(Exception exception)
    {
        Lifecycle.BeginTeardown(TeardownCause.InternalError, exception);
        Lifecycle.Abort();
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
