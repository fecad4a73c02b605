using System.Runtime.InteropServices;

namespace RdmaSharp;

/// <summary>Sizes of a shared receive queue (<c>struct ibv_srq_attr</c>).</summary>
[StructLayout(LayoutKind.Explicit, Size = 12)]
public struct SharedReceiveQueueAttributes
{
    /// <summary>Receive work requests outstanding (max_wr).</summary>
    [FieldOffset(0)]
    public uint Requests;

    /// <summary>Entries of a receive work request (max_sge).</summary>
    [FieldOffset(4)]
    public uint Entries;

    /// <summary>When fewer are left, one event says so; 0 for never (srq_limit).</summary>
    [FieldOffset(8)]
    public uint Limit;
}
