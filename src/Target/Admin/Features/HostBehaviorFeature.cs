using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Admin.Features;

/// <summary>Host behavior support (16h): kept for the host; nothing here depends on it.</summary>
internal sealed class HostBehaviorFeature : Feature
{
    public override FeatureIdentifier Identifier => FeatureIdentifier.HostBehaviorSupport;

    public override int DataLength => HostBehaviorSupport.Size;

    public override NvmeStatus Get(in FeatureRequest request, Span<byte> data, out uint value)
    {
        value = 0;
        WireStructure.Write(data, request.Controller.Features.HostBehavior);
        return NvmeStatus.Success;
    }

    public override NvmeStatus GetDefault(in FeatureRequest request, Span<byte> data, out uint value)
    {
        value = 0;
        data.Clear();
        return NvmeStatus.Success;
    }

    public override NvmeStatus Set(in FeatureRequest request, ReadOnlySpan<byte> data, out uint result)
    {
        result = 0;
        HostBehaviorSupport behavior = WireStructure.Read<HostBehaviorSupport>(data);
        if (behavior is not { AdvancedCommandRetry: <= 1, ExtendedTelemetryDataArea4: <= 1, ExtendedLbaFormats: <= 1 })
        {
            return NvmeStatus.InvalidField;
        }

        request.Controller.Features.HostBehavior = behavior;
        return NvmeStatus.Success;
    }
}
