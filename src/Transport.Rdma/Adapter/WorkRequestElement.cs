using System.Runtime.InteropServices;

namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>ibv_sge, same layout (16 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WorkRequestElement(ulong address, uint length, uint localKey)
{
    public ulong Address = address;
    public uint Length = length;
    public uint LocalKey = localKey;
}
