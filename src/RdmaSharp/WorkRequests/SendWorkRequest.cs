using System.Runtime.InteropServices;

namespace RdmaSharp;

/// <summary>A request for a send queue (<c>struct ibv_send_wr</c>, ibv_post_send(3)). <see cref="SendChain"/> builds chains of them.</summary>
/// <remarks>It and its entries are read while it is posted and not needed afterwards. The memory that the entries name is, until the completion.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 128)]
public unsafe struct SendWorkRequest
{
    /// <summary>Comes back in the completion.</summary>
    [FieldOffset(0)]
    public ulong Id;

    /// <summary>The next of the chain, or null.</summary>
    [FieldOffset(8)]
    public SendWorkRequest* Next;

    /// <summary>The local memory.</summary>
    [FieldOffset(16)]
    public ScatterGatherEntry* Entries;

    /// <summary>How many entries.</summary>
    [FieldOffset(24)]
    public int EntryCount;

    /// <summary>What to do.</summary>
    [FieldOffset(28)]
    public SendOpcode Opcode;

    /// <summary>How to do it.</summary>
    [FieldOffset(32)]
    public SendFlags Flags;

    /// <summary>Immediate data in network byte order, with the opcodes that have some.</summary>
    [FieldOffset(36)]
    public uint ImmediateData;

    /// <summary>The key to invalidate, with the opcodes that invalidate.</summary>
    [FieldOffset(36)]
    public uint InvalidateRemoteKey;

    /// <summary>Where in the peer's memory: RDMA reads, writes and atomics.</summary>
    [FieldOffset(40)]
    public ulong RemoteAddress;

    /// <summary>Key of the peer's memory: RDMA reads and writes.</summary>
    [FieldOffset(48)]
    public uint RemoteKey;

    /// <summary>Value to compare with or to add: atomics.</summary>
    [FieldOffset(48)]
    public ulong CompareOrAdd;

    /// <summary>Value to put in: compare and swap.</summary>
    [FieldOffset(56)]
    public ulong Swap;

    /// <summary>Key of the peer's memory: atomics.</summary>
    [FieldOffset(64)]
    public uint AtomicRemoteKey;
}
