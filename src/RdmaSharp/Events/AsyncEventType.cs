namespace RdmaSharp;

/// <summary>What happened to a device, a port, a queue pair or a queue (<c>enum ibv_event_type</c>, ibv_get_async_event(3)).</summary>
public enum AsyncEventType
{
    /// <summary>A completion queue overflowed.</summary>
    CompletionQueueError = 0,

    /// <summary>A queue pair failed.</summary>
    QueuePairFatal = 1,

    /// <summary>The peer's request was invalid.</summary>
    QueuePairRequestError = 2,

    /// <summary>The peer's request violated a key.</summary>
    QueuePairAccessError = 3,

    /// <summary>A message arrived before the connection was established.</summary>
    CommunicationEstablished = 4,

    /// <summary>The send queue has drained.</summary>
    SendQueueDrained = 5,

    /// <summary>The connection moved to its alternate path.</summary>
    PathMigrated = 6,

    /// <summary>The connection could not move.</summary>
    PathMigrationError = 7,

    /// <summary>The device failed.</summary>
    DeviceFatal = 8,

    /// <summary>A port carries data.</summary>
    PortActive = 9,

    /// <summary>A port is down.</summary>
    PortError = 10,

    /// <summary>A port's local identifier changed.</summary>
    LidChanged = 11,

    /// <summary>A port's partition keys changed.</summary>
    PartitionKeyChanged = 12,

    /// <summary>The subnet manager changed.</summary>
    SubnetManagerChanged = 13,

    /// <summary>A shared receive queue failed.</summary>
    SharedReceiveQueueError = 14,

    /// <summary>A shared receive queue has fewer receives than its limit.</summary>
    SharedReceiveQueueLimitReached = 15,

    /// <summary>A queue pair in the error state takes no more receives from its shared receive queue. Some devices never say so, some say it repeatedly: never wait for it without a deadline, never expect exactly one.</summary>
    LastWorkRequestReached = 16,

    /// <summary>The subnet manager asks for new registrations.</summary>
    ClientReregister = 17,

    /// <summary>A port's addresses changed.</summary>
    GidChanged = 18,

    /// <summary>A work queue failed.</summary>
    WorkQueueFatal = 19,
}
