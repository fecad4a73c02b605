using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Admin.Features;

/// <summary>A feature that is a number, which the target keeps for the host and has no further use for.</summary>
/// <param name="identifier">Feature.</param>
/// <param name="allowed">Bits that a host may set.</param>
/// <param name="selectors">Bits that select one of several values, each with its own default.</param>
/// <param name="getDefault">The default by selector; null: no such selector.</param>
internal sealed class ValueFeature(FeatureIdentifier identifier, uint allowed, uint selectors, Func<uint, uint?> getDefault) : Feature
{
    public override FeatureIdentifier Identifier => identifier;

    public override NvmeStatus Get(in FeatureRequest request, Span<byte> data, out uint value)
    {
        NvmeStatus status = GetDefault(in request, data, out value);
        value = request.Controller.Features.Find(identifier, request.Value & selectors) ?? value;
        return status;
    }

    public override NvmeStatus GetDefault(in FeatureRequest request, Span<byte> data, out uint value)
    {
        uint? known = getDefault(request.Value & selectors);
        value = known ?? 0;
        return known == null ? NvmeStatus.InvalidField : NvmeStatus.Success;
    }

    public override NvmeStatus Set(in FeatureRequest request, ReadOnlySpan<byte> data, out uint result)
    {
        result = 0;
        if ((request.Value & ~(allowed | selectors)) != 0 || getDefault(request.Value & selectors) == null)
        {
            return NvmeStatus.InvalidField;
        }

        request.Controller.Features.Store(identifier, request.Value & selectors, request.Value & allowed);
        return NvmeStatus.Success;
    }
}
