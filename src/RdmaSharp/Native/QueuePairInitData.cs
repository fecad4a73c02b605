using System.Runtime.InteropServices;

namespace RdmaSharp.Native;

/// <summary><c>struct ibv_qp_init_attr</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct QueuePairInitData
{
    [FieldOffset(0)] public nint Cookie;
    [FieldOffset(8)] public nint SendQueue;
    [FieldOffset(16)] public nint ReceiveQueue;
    [FieldOffset(24)] public nint SharedReceiveQueue;
    [FieldOffset(32)] public QueuePairCapacity Capacity;
    [FieldOffset(52)] public QueuePairType Type;
    [FieldOffset(56)] public int SignalAll;
}
