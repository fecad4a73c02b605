using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Verbs;

/// <summary>A memory region of libibverbs.</summary>
internal sealed class VerbsMemoryRegion(RdmaSharp.MemoryRegion region) : AdapterMemoryRegion
{
    public override uint LocalKey => region.LocalKey;

    public override uint RemoteKey => region.RemoteKey;

    public override int Deregister() => VerbsResult.Destroy(region);
}
