using System.Runtime.InteropServices;

namespace Nvmf.EventLoop.Native;

/// <summary><c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector(byte* address, int length)
{
    public byte* Base = address;
    public nuint Length = (nuint)length;
}
