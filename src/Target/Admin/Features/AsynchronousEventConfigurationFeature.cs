using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Admin.Features;

/// <summary>Asynchronous event configuration (0Bh). Critical warnings can be asked for; none ever comes.</summary>
internal sealed class AsynchronousEventConfigurationFeature : Feature
{
    public override FeatureIdentifier Identifier => FeatureIdentifier.AsynchronousEventConfiguration;

    public override bool OnDiscovery => true;

    public override NvmeStatus Get(in FeatureRequest request, Span<byte> data, out uint value)
    {
        value = (uint)request.Controller.Events.Enabled;
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
        var wanted = (AsynchronousEvents)request.Value;
        AsynchronousEvents known = request.Controller.SupportedEvents | (request.Controller.IsDiscovery ? AsynchronousEvents.None : AsynchronousEvents.CriticalWarnings);
        if ((wanted & ~known) != 0)
        {
            return NvmeStatus.InvalidField;
        }

        request.Controller.Events.Enabled = wanted;
        return NvmeStatus.Success;
    }
}
