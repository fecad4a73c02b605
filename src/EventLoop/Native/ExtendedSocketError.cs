using System.Runtime.InteropServices;

namespace Nvmf.EventLoop.Native;

/// <summary><c>struct sock_extended_err</c>. For zero-copy notifications Info and Data are the first and last index of a range.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ExtendedSocketError
{
    public uint ErrorNumber;
    public byte Origin;
    public byte Type;
    public byte Code;
    public byte Pad;
    public uint Info;
    public uint Data;
}
