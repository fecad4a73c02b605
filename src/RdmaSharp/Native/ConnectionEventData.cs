using System.Runtime.InteropServices;

namespace RdmaSharp.Native;

/// <summary><c>struct rdma_cm_event</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 80)]
internal struct ConnectionEventData
{
    [FieldOffset(0)] public nint Id;
    [FieldOffset(8)] public nint ListenId;
    [FieldOffset(16)] public ConnectionEventType Type;
    [FieldOffset(20)] public int Status;
    [FieldOffset(24)] public ConnectionParameterData Parameters;
}
