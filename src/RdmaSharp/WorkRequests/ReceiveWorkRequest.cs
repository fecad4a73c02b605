using System.Runtime.InteropServices;

namespace RdmaSharp;

/// <summary>A request for a receive queue (<c>struct ibv_recv_wr</c>, ibv_post_recv(3)). <see cref="ReceiveChain"/> builds chains of them.</summary>
/// <remarks>It and its entries are read while it is posted and not needed afterwards. The memory that the entries name is, until the completion.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public unsafe struct ReceiveWorkRequest
{
    /// <summary>Comes back in the completion.</summary>
    [FieldOffset(0)]
    public ulong Id;

    /// <summary>The next of the chain, or null.</summary>
    [FieldOffset(8)]
    public ReceiveWorkRequest* Next;

    /// <summary>Where the message goes.</summary>
    [FieldOffset(16)]
    public ScatterGatherEntry* Entries;

    /// <summary>How many entries.</summary>
    [FieldOffset(24)]
    public int EntryCount;
}
