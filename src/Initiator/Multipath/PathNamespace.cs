using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator.Multipath;

/// <summary>A namespace by one association.</summary>
internal sealed class PathNamespace(Association association, NvmeNamespace disk)
{
    public Association Association => association;

    public NvmeNamespace Disk => disk;

    public AnaState State => association.Ana.Of(disk.Identity.AnaGroupId);
}
