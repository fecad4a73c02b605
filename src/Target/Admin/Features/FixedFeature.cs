using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Admin.Features;

/// <summary>A feature that can be read and never changed.</summary>
/// <param name="identifier">Feature.</param>
/// <param name="value">The value by dword 11.</param>
internal sealed class FixedFeature(FeatureIdentifier identifier, Func<uint, uint> value) : Feature
{
    public override FeatureIdentifier Identifier => identifier;

    public override bool IsChangeable => false;

    public override NvmeStatus Get(in FeatureRequest request, Span<byte> data, out uint current)
    {
        current = value(request.Value);
        return NvmeStatus.Success;
    }

    public override NvmeStatus GetDefault(in FeatureRequest request, Span<byte> data, out uint defaultValue) => Get(in request, data, out defaultValue);
}
