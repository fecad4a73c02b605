using System.Runtime.InteropServices;

namespace RdmaSharp;

/// <summary>How a work request ended (<c>struct ibv_wc</c>, ibv_poll_cq(3)).</summary>
/// <remarks>When <see cref="Status"/> is not success, only <see cref="Id"/>, <see cref="Status"/>, <see cref="QueuePairNumber"/> and <see cref="VendorError"/> say something.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 48)]
public struct WorkCompletion
{
    /// <summary>The work request's identifier.</summary>
    [FieldOffset(0)]
    public ulong Id;

    /// <summary>How it ended.</summary>
    [FieldOffset(8)]
    public WorkCompletionStatus Status;

    /// <summary>What it was.</summary>
    [FieldOffset(12)]
    public WorkCompletionOpcode Opcode;

    /// <summary>The vendor's code of an error.</summary>
    [FieldOffset(16)]
    public uint VendorError;

    /// <summary>Bytes received, or moved by a read or an atomic.</summary>
    [FieldOffset(20)]
    public uint Length;

    /// <summary>The peer's immediate data, in network byte order, with <see cref="WorkCompletionFlags.WithImmediate"/>.</summary>
    [FieldOffset(24)]
    public uint ImmediateData;

    /// <summary>The local key that the peer invalidated, with <see cref="WorkCompletionFlags.WithInvalidate"/>.</summary>
    [FieldOffset(24)]
    public uint InvalidatedRemoteKey;

    /// <summary>Number of the queue pair. A device gives numbers out again after their queue pair was destroyed.</summary>
    [FieldOffset(28)]
    public uint QueuePairNumber;

    /// <summary>Number of the sender's queue pair (datagrams).</summary>
    [FieldOffset(32)]
    public uint SourceQueuePair;

    /// <summary>What else is there.</summary>
    [FieldOffset(36)]
    public WorkCompletionFlags Flags;

    /// <summary>Index of the partition key (datagrams).</summary>
    [FieldOffset(40)]
    public ushort PartitionKeyIndex;

    /// <summary>Local identifier of the sender (datagrams).</summary>
    [FieldOffset(42)]
    public ushort SourceLid;

    /// <summary>Service level (datagrams).</summary>
    [FieldOffset(44)]
    public byte ServiceLevel;

    /// <summary>Path bits of the destination (datagrams).</summary>
    [FieldOffset(45)]
    public byte DestinationPathBits;
}
