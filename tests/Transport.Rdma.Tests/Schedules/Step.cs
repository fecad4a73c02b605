namespace Nvmf.Transport.Rdma.Tests.Schedules;

/// <summary>What can happen to a queue pair from outside, one thing at a time.</summary>
internal enum Step
{
    /// <summary>The host disconnects.</summary>
    PeerDisconnects,

    /// <summary>Somebody on our side begins the teardown.</summary>
    Close,

    /// <summary>Last WQE reached, twice.</summary>
    LastWorkRequest,

    /// <summary>The adapter reports the completions that it has kept.</summary>
    Completions,

    /// <summary>The destroyer gets its turn.</summary>
    Destroyer,

    /// <summary>Somebody aborts.</summary>
    Abort,

    /// <summary>The connection manager delivers what it has kept, oldest first.</summary>
    CmEvent,

    /// <summary>... newest first.</summary>
    NewestCmEvent,

    /// <summary>Disconnected and TimeWaitExit, once more.</summary>
    RepeatedCmEvents,

    /// <summary>The connection manager removes the device under the id.</summary>
    DeviceRemoval,

    /// <summary>The adapter is lost.</summary>
    DeviceFatal,

    /// <summary>The port went down: nothing but an event.</summary>
    PortError,

    /// <summary>An error of the queue pair.</summary>
    QueuePairFatal,

    /// <summary>The host sends a command that is held.</summary>
    Command,

    /// <summary>The host sends a write that is fetched.</summary>
    Write,

    /// <summary>The host sends a read that is answered at once.</summary>
    Read,

    /// <summary>The host sends a command that is at the back end until <see cref="BackEnd"/>.</summary>
    Slow,

    /// <summary>The back end answers.</summary>
    BackEnd,

    /// <summary>From now on completions are kept.</summary>
    HoldCompletions,

    /// <summary>From now on CM events are kept.</summary>
    HoldCmEvents,

    /// <summary>The host's adapter floods with flushes: its queue pair goes to ERR.</summary>
    PeerError,
}
