using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Admin.Features;

/// <summary>Timestamp (0Eh).</summary>
internal sealed class TimestampFeature : Feature
{
    // Timestamp Origin, bits 3:1 of the attributes: set by the host.
    private const byte SetByHost = 1 << 1;

    public override FeatureIdentifier Identifier => FeatureIdentifier.Timestamp;

    public override int DataLength => TimestampData.Size;

    public override NvmeStatus Get(in FeatureRequest request, Span<byte> data, out uint value)
    {
        value = 0;
        WireStructure.Write(data, new TimestampData
        {
            Milliseconds = request.Controller.Features.Timestamp,
            Attributes = request.Controller.Features.TimestampWasSet ? SetByHost : (byte)0,
        });
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
        request.Controller.Features.Timestamp = WireStructure.Read<TimestampData>(data).Milliseconds;
        return NvmeStatus.Success;
    }
}
