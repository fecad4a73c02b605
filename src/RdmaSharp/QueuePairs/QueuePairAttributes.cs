using System.Runtime.InteropServices;

namespace RdmaSharp;

/// <summary>What ibv_modify_qp(3) changes and ibv_query_qp(3) tells (<c>struct ibv_qp_attr</c>); which fields count, <see cref="QueuePairAttributeMask"/> says.</summary>
[StructLayout(LayoutKind.Explicit, Size = 144)]
public struct QueuePairAttributes
{
    /// <summary>The state to go to.</summary>
    [FieldOffset(0)]
    public QueuePairState State;

    /// <summary>The state that it is assumed to be in.</summary>
    [FieldOffset(4)]
    public QueuePairState CurrentState;

    /// <summary>Largest packet of the path.</summary>
    [FieldOffset(8)]
    public PathMtu PathMtu;

    /// <summary>0 migrated, 1 rearm, 2 armed.</summary>
    [FieldOffset(12)]
    public int PathMigrationState;

    /// <summary>Key of datagrams.</summary>
    [FieldOffset(16)]
    public uint QueueKey;

    /// <summary>First packet number that is expected.</summary>
    [FieldOffset(20)]
    public uint ReceivePacketNumber;

    /// <summary>First packet number that is sent.</summary>
    [FieldOffset(24)]
    public uint SendPacketNumber;

    /// <summary>Number of the peer's queue pair.</summary>
    [FieldOffset(28)]
    public uint DestinationNumber;

    /// <summary>What the peer may do.</summary>
    [FieldOffset(32)]
    public MemoryAccess AccessFlags;

    /// <summary>Sizes.</summary>
    [FieldOffset(36)]
    public QueuePairCapacity Capacity;

    /// <summary>The way to the peer.</summary>
    [FieldOffset(56)]
    public AddressVector AddressVector;

    /// <summary>Another way to the peer.</summary>
    [FieldOffset(88)]
    public AddressVector AlternateAddressVector;

    /// <summary>Index of the partition key.</summary>
    [FieldOffset(120)]
    public ushort PartitionKeyIndex;

    /// <summary>Index of the alternate path's partition key.</summary>
    [FieldOffset(122)]
    public ushort AlternatePartitionKeyIndex;

    /// <summary>1 to be told when the send queue has drained.</summary>
    [FieldOffset(124)]
    public byte SendQueueDrainedNotify;

    /// <summary>1 while the send queue drains.</summary>
    [FieldOffset(125)]
    public byte SendQueueDraining;

    /// <summary>RDMA reads and atomics to have under way.</summary>
    [FieldOffset(126)]
    public byte MaxReadAtomic;

    /// <summary>RDMA reads and atomics to serve at a time.</summary>
    [FieldOffset(127)]
    public byte MaxDestinationReadAtomic;

    /// <summary>What peers wait after "receiver not ready", the specification's code.</summary>
    [FieldOffset(128)]
    public byte MinReceiverNotReadyTimer;

    /// <summary>The local port.</summary>
    [FieldOffset(129)]
    public byte PortNumber;

    /// <summary>Time to wait for an answer: 4.096 µs · 2^value; 0 for ever.</summary>
    [FieldOffset(130)]
    public byte Timeout;

    /// <summary>Repetitions when no answer comes, 0 to 7.</summary>
    [FieldOffset(131)]
    public byte RetryCount;

    /// <summary>Repetitions after "receiver not ready", 0 to 6; 7 for ever.</summary>
    [FieldOffset(132)]
    public byte ReceiverNotReadyRetry;

    /// <summary>The alternate path's local port.</summary>
    [FieldOffset(133)]
    public byte AlternatePortNumber;

    /// <summary>The alternate path's timeout.</summary>
    [FieldOffset(134)]
    public byte AlternateTimeout;

    /// <summary>Limit of the rate, kbit/s.</summary>
    [FieldOffset(136)]
    public uint RateLimit;
}
