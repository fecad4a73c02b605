using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Admin.Features;

/// <summary>
/// Error recovery (05h): a time limit that is kept for the host. DULBE (bit 16) cannot be set, since NSFEAT does not announce it.
/// </summary>
internal sealed class ErrorRecoveryFeature : Feature
{
    private const uint TimeLimitMask = 0xFFFF;

    public override FeatureIdentifier Identifier => FeatureIdentifier.ErrorRecovery;

    public override bool IsNamespaceSpecific => true;

    public override NvmeStatus Get(in FeatureRequest request, Span<byte> data, out uint value)
    {
        Controllers.ControllerFeatures features = request.Controller.Features;
        value = features.Find(Identifier, request.NamespaceId) ?? features.Find(Identifier, NamespaceIdentifiers.Broadcast) ?? 0;
        return NvmeStatus.Success;
    }

    public override NvmeStatus GetDefault(in FeatureRequest request, Span<byte> data, out uint value)
    {
        value = 0;
        return NvmeStatus.Success;
    }

    public override NvmeStatus Set(in FeatureRequest request, ReadOnlySpan<byte> data, out uint result)
    {
        result = 0;
        if ((request.Value & ~TimeLimitMask) != 0)
        {
            return NvmeStatus.InvalidField;
        }

        if (request.NamespaceId == NamespaceIdentifiers.Broadcast)
        {
            request.Controller.Features.Forget(Identifier);
        }

        request.Controller.Features.Store(Identifier, request.NamespaceId, request.Value);
        return NvmeStatus.Success;
    }
}
