namespace RdmaSharp;

/// <summary>
/// What two peers agree on when they connect (<c>struct rdma_conn_param</c>, rdma_connect(3), rdma_accept(3)). In an event the two depths are seen from the receiver's
/// side: the most that it may answer with (rdma_get_cm_event(3)).
/// </summary>
public readonly record struct ConnectionParameters
{
    /// <summary>RDMA reads and atomics of the peer that are served at a time; at most what the device can. From an event: what the peer wants to have under way.</summary>
    public byte ResponderResources { get; init; }

    /// <summary>RDMA reads and atomics that may be under way; at most what the device can. From an event: what the peer serves.</summary>
    public byte InitiatorDepth { get; init; }

    /// <summary>Flow control by hardware, where there is any.</summary>
    public bool FlowControl { get; init; }

    /// <summary>Repetitions when no answer comes, 0 to 7. Not used when accepting.</summary>
    public byte RetryCount { get; init; }

    /// <summary>Repetitions after "receiver not ready", 0 to 6; 7 for ever.</summary>
    public byte ReceiverNotReadyRetryCount { get; init; }

    /// <summary>The queue pair has a shared receive queue. Not used if it was made by <see cref="RdmaId.CreateQueuePair"/>.</summary>
    public bool SharedReceiveQueue { get; init; }

    /// <summary>Number of the queue pair. Not used if it was made by <see cref="RdmaId.CreateQueuePair"/>. From an event: the peer's.</summary>
    public uint QueuePairNumber { get; init; }
}
