using System.Runtime.InteropServices;

namespace RdmaSharp.Native;

/// <summary><c>struct ibv_srq_init_attr</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct SharedReceiveQueueInitData
{
    [FieldOffset(0)] public nint Cookie;
    [FieldOffset(8)] public SharedReceiveQueueAttributes Attributes;
}
