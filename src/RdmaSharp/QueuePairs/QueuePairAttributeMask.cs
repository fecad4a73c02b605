namespace RdmaSharp;

/// <summary>Fields of <see cref="QueuePairAttributes"/> (<c>enum ibv_qp_attr_mask</c>).</summary>
[Flags]
public enum QueuePairAttributeMask
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><see cref="QueuePairAttributes.State"/>.</summary>
    State = 1 << 0,

    /// <summary><see cref="QueuePairAttributes.CurrentState"/>.</summary>
    CurrentState = 1 << 1,

    /// <summary><see cref="QueuePairAttributes.SendQueueDrainedNotify"/>.</summary>
    SendQueueDrainedNotify = 1 << 2,

    /// <summary><see cref="QueuePairAttributes.AccessFlags"/>.</summary>
    AccessFlags = 1 << 3,

    /// <summary><see cref="QueuePairAttributes.PartitionKeyIndex"/>.</summary>
    PartitionKeyIndex = 1 << 4,

    /// <summary><see cref="QueuePairAttributes.PortNumber"/>.</summary>
    Port = 1 << 5,

    /// <summary><see cref="QueuePairAttributes.QueueKey"/>.</summary>
    QueueKey = 1 << 6,

    /// <summary><see cref="QueuePairAttributes.AddressVector"/>.</summary>
    AddressVector = 1 << 7,

    /// <summary><see cref="QueuePairAttributes.PathMtu"/>.</summary>
    PathMtu = 1 << 8,

    /// <summary><see cref="QueuePairAttributes.Timeout"/>.</summary>
    Timeout = 1 << 9,

    /// <summary><see cref="QueuePairAttributes.RetryCount"/>.</summary>
    RetryCount = 1 << 10,

    /// <summary><see cref="QueuePairAttributes.ReceiverNotReadyRetry"/>.</summary>
    ReceiverNotReadyRetry = 1 << 11,

    /// <summary><see cref="QueuePairAttributes.ReceivePacketNumber"/>.</summary>
    ReceivePacketNumber = 1 << 12,

    /// <summary><see cref="QueuePairAttributes.MaxReadAtomic"/>.</summary>
    MaxReadAtomic = 1 << 13,

    /// <summary>The alternate path.</summary>
    AlternatePath = 1 << 14,

    /// <summary><see cref="QueuePairAttributes.MinReceiverNotReadyTimer"/>.</summary>
    MinReceiverNotReadyTimer = 1 << 15,

    /// <summary><see cref="QueuePairAttributes.SendPacketNumber"/>.</summary>
    SendPacketNumber = 1 << 16,

    /// <summary><see cref="QueuePairAttributes.MaxDestinationReadAtomic"/>.</summary>
    MaxDestinationReadAtomic = 1 << 17,

    /// <summary><see cref="QueuePairAttributes.PathMigrationState"/>.</summary>
    PathMigrationState = 1 << 18,

    /// <summary><see cref="QueuePairAttributes.Capacity"/>.</summary>
    Capacity = 1 << 19,

    /// <summary><see cref="QueuePairAttributes.DestinationNumber"/>.</summary>
    DestinationNumber = 1 << 20,

    /// <summary><see cref="QueuePairAttributes.RateLimit"/>.</summary>
    RateLimit = 1 << 25,
}
