using System.Runtime.InteropServices;

namespace RdmaSharp;

/// <summary>Sizes of a queue pair (<c>struct ibv_qp_cap</c>). The device may make it larger.</summary>
[StructLayout(LayoutKind.Explicit, Size = 20)]
public struct QueuePairCapacity
{
    /// <summary>Send work requests outstanding (max_send_wr).</summary>
    [FieldOffset(0)]
    public uint SendRequests;

    /// <summary>Receive work requests outstanding; ignored with a shared receive queue (max_recv_wr).</summary>
    [FieldOffset(4)]
    public uint ReceiveRequests;

    /// <summary>Entries of a send work request (max_send_sge).</summary>
    [FieldOffset(8)]
    public uint SendEntries;

    /// <summary>Entries of a receive work request (max_recv_sge).</summary>
    [FieldOffset(12)]
    public uint ReceiveEntries;

    /// <summary>Bytes that can be sent inline (max_inline_data).</summary>
    [FieldOffset(16)]
    public uint InlineData;
}
