namespace Nvmf.Abstractions.Lifecycle;

/// <summary>Stages of a queue pair's life. Only ever moves forward (invariant I3).</summary>
public enum QueuePairState
{
    /// <summary>Transport handshake under way; no command has been accepted.</summary>
    Connecting,

    /// <summary>Commands are accepted.</summary>
    Live,

    /// <summary>No new commands; those outstanding finish, until deadline T1.</summary>
    Quiescing,

    /// <summary>Queued bytes or work requests finish (TCP: flush, FIN, reap; RDMA: disconnect, ERR, count), until deadline T2.</summary>
    Draining,

    /// <summary>Forced: TCP <c>connect(AF_UNSPEC)</c>, RDMA destroy QP; the proof is awaited until deadline T3.</summary>
    Aborting,

    /// <summary>Nothing can be acquired any more; the last release destroys.</summary>
    Closed,
}
