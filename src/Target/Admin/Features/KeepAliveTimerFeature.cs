using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Admin.Features;

/// <summary>
/// Keep alive timer (0Fh), in milliseconds. The TCP and RDMA transports require its use, so an I/O controller's cannot be switched off here; a discovery controller's can.
/// </summary>
internal sealed class KeepAliveTimerFeature : Feature
{
    public override FeatureIdentifier Identifier => FeatureIdentifier.KeepAliveTimer;

    public override bool OnDiscovery => true;

    public override NvmeStatus Get(in FeatureRequest request, Span<byte> data, out uint value)
    {
        value = request.Controller.KeepAliveMilliseconds;
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
        if (request.Value == 0 && !request.Controller.IsDiscovery)
        {
            return NvmeStatus.KeepAliveTimeoutInvalid;
        }

        request.Controller.SetKeepAlive(request.Value);
        return NvmeStatus.Success;
    }
}
