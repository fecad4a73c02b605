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
    private bool _flushing;

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
        End(cause, TeardownCause.AssociationEnded);
    }

    /// <summary>Ends the association and waits for its queue pairs.</summary>
    public Task<DrainReport[]> EndAsync(TeardownCause cause)
    {
        TargetQueue[] queues = End(cause, cause);
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
        }

        LogStates();
        if (cause != TeardownCause.None)
        {
            End(cause, cause);
        }
    }

    /// <returns>The queues whose queue pairs were not gone yet. None is added once the controller has ended.</returns>
    private TargetQueue[] End(TeardownCause cause, TeardownCause ioCause)
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

        // I/O queues first: the admin queue's end would give them a cause of its own.
        foreach (TargetQueue queue in queues)
        {
            if (queue != AdminQueue)
            {
                queue.QueuePair.Close(ioCause);
            }
        }

        AdminQueue.QueuePair.Close(cause);
        return queues;
    }

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
