using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

internal sealed class VirtualMemoryRegion(VirtualDevice device, uint key, nint address, long length, MemoryAccess access) : AdapterMemoryRegion
{
    public bool IsInvalidated { get; set; }

    public override uint LocalKey => key;

    public override uint RemoteKey => key | 0x8000_0000;

    public bool Covers(ulong start, uint count, MemoryAccess needed) =>
        !IsInvalidated
        && (access & needed) == needed
        && start >= (ulong)address
        && (UInt128)start + count <= (UInt128)(ulong)address + (ulong)length;

    public override int Deregister()
    {
        device.Remove(this);
        return 0;
    }
}
