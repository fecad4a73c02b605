using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Admin.Features;

/// <summary>Number of queues (07h): asked for once, before the first I/O queue is connected. Submission and completion queues come in pairs.</summary>
internal sealed class NumberOfQueuesFeature : Feature
{
    public override FeatureIdentifier Identifier => FeatureIdentifier.NumberOfQueues;

    public override NvmeStatus Get(in FeatureRequest request, Span<byte> data, out uint value)
    {
        value = Format(request.Controller.Features.IoQueuesGranted);
        return NvmeStatus.Success;
    }

    public override NvmeStatus GetDefault(in FeatureRequest request, Span<byte> data, out uint value)
    {
        value = Format(request.Controller.Subsystem!.MaxIoQueues);
        return NvmeStatus.Success;
    }

    public override NvmeStatus Set(in FeatureRequest request, ReadOnlySpan<byte> data, out uint result)
    {
        result = 0;
        ushort submission = (ushort)request.Value;
        ushort completion = (ushort)(request.Value >> 16);
        if (submission == 0xFFFF || completion == 0xFFFF)
        {
            return NvmeStatus.InvalidField;
        }

        if (request.Controller.HasIoQueues)
        {
            return NvmeStatus.CommandSequenceError;
        }

        request.Controller.Features.IoQueuesGranted = Math.Min(Math.Min(submission, completion) + 1, request.Controller.Subsystem!.MaxIoQueues);
        result = Format(request.Controller.Features.IoQueuesGranted);
        return NvmeStatus.Success;
    }

    // Zero based, twice.
    private static uint Format(int queues) => (uint)(queues - 1) * 0x1_0001;
}
