using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Admin.Features;

/// <summary>Host identifier (81h): over fabrics it has 128 bits, and Connect has set it for good.</summary>
internal sealed class HostIdentifierFeature : Feature
{
    private const uint ExtendedHostIdentifier = 1;

    public override FeatureIdentifier Identifier => FeatureIdentifier.HostIdentifier;

    public override bool IsChangeable => false;

    public override int DataLength => Identifier128.Size;

    public override NvmeStatus Get(in FeatureRequest request, Span<byte> data, out uint value)
    {
        value = 0;
        if ((request.Value & ExtendedHostIdentifier) == 0)
        {
            return NvmeStatus.InvalidField;
        }

        request.Controller.HostId.CopyTo(data);
        return NvmeStatus.Success;
    }

    public override NvmeStatus GetDefault(in FeatureRequest request, Span<byte> data, out uint value)
    {
        value = 0;
        data.Clear();
        return (request.Value & ExtendedHostIdentifier) == 0 ? NvmeStatus.InvalidField : NvmeStatus.Success;
    }

    public override NvmeStatus Set(in FeatureRequest request, ReadOnlySpan<byte> data, out uint result)
    {
        result = 0;
        return NvmeStatus.CommandSequenceError;
    }
}
