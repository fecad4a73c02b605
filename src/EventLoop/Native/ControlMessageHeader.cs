using System.Runtime.InteropServices;

namespace Nvmf.EventLoop.Native;

/// <summary><c>struct cmsghdr</c>; the data follows at once.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ControlMessageHeader
{
    public nuint Length;
    public int Level;
    public int Type;
}
