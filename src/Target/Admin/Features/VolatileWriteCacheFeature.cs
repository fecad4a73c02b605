using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Admin.Features;

/// <summary>
/// Volatile write cache (06h): while it is off, writes of this controller go through to the medium. What is in the cache when it is switched off is flushed.
/// </summary>
internal sealed class VolatileWriteCacheFeature : Feature
{
    public override FeatureIdentifier Identifier => FeatureIdentifier.VolatileWriteCache;

    public override bool NeedsFlush(in FeatureRequest request) => request.Value == 0;

    public override NvmeStatus Get(in FeatureRequest request, Span<byte> data, out uint value)
    {
        value = request.Controller.Features.WriteCacheEnabled ? 1u : 0;
        return NvmeStatus.Success;
    }

    public override NvmeStatus GetDefault(in FeatureRequest request, Span<byte> data, out uint value)
    {
        value = 1;
        return NvmeStatus.Success;
    }

    public override NvmeStatus Set(in FeatureRequest request, ReadOnlySpan<byte> data, out uint result)
    {
        result = 0;
        if (request.Value > 1)
        {
            return NvmeStatus.InvalidField;
        }

        request.Controller.Features.WriteCacheEnabled = request.Value == 1;
        return NvmeStatus.Success;
    }
}
