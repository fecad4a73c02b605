using System.Runtime.InteropServices;

namespace RdmaSharp.Native;

/// <summary><c>struct ibv_async_event</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct AsyncEventData
{
    [FieldOffset(0)] public nint Element;
    [FieldOffset(0)] public int PortNumber;
    [FieldOffset(8)] public AsyncEventType Type;
}
