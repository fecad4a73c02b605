using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Diagnostics;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Controllers;

/// <summary>What ends an association: time, the admin queue pair, the target.</summary>
internal sealed partial class Controller
{
    private TeardownCause _cause;
    private TimeSpan _keepAlive;
    private long _lastActivity;
    private long _commandsSeen;

    /// <summary>KATO as rounded, in milliseconds.</summary>
    public uint KeepAliveMilliseconds
    {
        get
        {
            lock (_lock)
            {
                return (uint)_keepAlive.TotalMilliseconds;
            }
        }
    }

    /// <summary>Sets KATO; rounded up to the granularity, 0 switches the timer off.</summary>
    public void SetKeepAlive(uint milliseconds)
    {
        lock (_lock)
        {
            long granularity = (long)Target.Options.KeepAliveGranularity.TotalMilliseconds;
            long rounded = (milliseconds + granularity - 1) / granularity * granularity;
            _keepAlive = TimeSpan.FromMilliseconds(Math.Min(rounded, uint.MaxValue / granularity * granularity));
        }

        OnKeepAlive();
    }

    /// <summary>A Keep Alive command, or what counts as one.</summary>
    public void OnKeepAlive()
    {
        lock (_lock)
        {
            _lastActivity = Target.Time.GetTimestamp();
        }
    }

    /// <summary>The admin queue pair is ending, whatever the reason: the association ends with it. On the admin queue's loop.</summary>
    public void OnAdminQuiescing(TeardownCause cause)
    {
        Events.DropAll();
        CloseInputOutputQueues(Leave(cause), TeardownCause.AssociationEnded);
    }

    /// <summary>Ends the association and waits for its queue pairs.</summary>
    public Task<DrainReport[]> EndAsync(TeardownCause cause)
    {
        TargetQueue[] queues = End(cause);
        return Task.WhenAll(queues.Select(static queue => queue.QueuePair.Lifecycle.Completion));
    }

    /// <summary>The target-wide timer. Coarse: everything here happens up to one period late, never early.</summary>
    public void OnTick(long now)
    {
        TeardownCause cause;
        lock (_lock)
        {
            NoteTraffic(now);
            cause = FindExpired(now);
            foreach (TargetQueue queue in _openQueues)
            {
                queue.ReviewFirstFused(now);
                queue.Authentication?.ReviewDeadline(now);
            }
        }

        LogStates();
        if (cause != TeardownCause.None)
        {
            End(cause);
        }
    }

    /// <returns>The queues whose queue pairs were not gone yet.</returns>
    private TargetQueue[] End(TeardownCause cause)
    {
        TargetQueue[] queues = Leave(cause);
        QueuePairLifecycle.BeginTeardownOfAll([.. queues.Select(static queue => queue.QueuePair.Lifecycle)], cause);
        return queues;
    }

    /// <summary>Enters the last state.</summary>
    /// <returns>The queues whose queue pairs were not gone yet. None is added from now on.</returns>
    private TargetQueue[] Leave(TeardownCause cause)
    {
        TargetQueue[] queues;
        bool first;
        lock (_lock)
        {
            first = _cause == TeardownCause.None;
            if (first)
            {
                _cause = cause;
                _ready = false;
                Enter(ControllerState.Ended);
            }

            queues = [.. _openQueues];
        }

        LogStates();
        if (first)
        {
            TargetLog.ControllerEnded(Target.Logger, Id, SubsystemNqn, HostNqn, cause);
        }

        return queues;
    }

    private void CloseInputOutputQueues(TargetQueue[] queues, TeardownCause cause) =>
        QueuePairLifecycle.BeginTeardownOfAll([.. queues.Where(queue => queue != AdminQueue).Select(static queue => queue.QueuePair.Lifecycle)], cause);

    /// <summary>
    /// Looks at the counters that the queues keep anyway, so that traffic costs nothing extra (traffic based keep-alive; the idle time of discovery controllers).
    /// </summary>
    private void NoteTraffic(long now)
    {
        if (!Target.Options.TrafficBasedKeepAlive && _keepAlive != TimeSpan.Zero)
        {
            return;
        }

        long commands = 0;
        foreach (TargetQueue queue in _openQueues)
        {
            commands += queue.Counters.Commands;
        }

        // Unequal, not greater: a queue that ends takes its count along.
        if (commands != _commandsSeen)
        {
            _commandsSeen = commands;
            _lastActivity = now;
        }
    }

    private TeardownCause FindExpired(long now)
    {
        TimeSpan inState = Target.Time.GetElapsedTime(_stateSince, now);
        TimeSpan idle = Target.Time.GetElapsedTime(_lastActivity, now);
        switch (_state)
        {
            case ControllerState.Ready when _keepAlive != TimeSpan.Zero:
                return idle > _keepAlive ? TeardownCause.KeepAliveExpired : TeardownCause.None;
            case ControllerState.Ready when IsDiscovery:
                return idle > Target.Options.DiscoveryIdleTimeout ? TeardownCause.TimedOut : TeardownCause.None;
            case ControllerState.Resetting when inState > Target.Options.ReadyTimeout:
                Enter(ControllerState.Failed);
                return TeardownCause.None;
            case ControllerState.Disabled or ControllerState.Failed:
                return inState > Target.Options.DisabledTimeout ? TeardownCause.TimedOut : TeardownCause.None;
            case ControllerState.ShuttingDown or ControllerState.ShutDown:
                return inState > Target.Options.DisabledTimeout ? TeardownCause.ControllerShutdown : TeardownCause.None;
            default:
                return TeardownCause.None;
        }
    }
}
