using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Admin.Features;
using Nvmf.Target.Controllers;
using Nvmf.Target.InputOutput;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Admin;

/// <summary>Set Features. Nothing is saveable.</summary>
internal sealed class SetFeaturesExecutor : AdminExecutor
{
    public override void OnHostData(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        ref readonly FeatureCommand command = ref FeatureCommand.Of(in entry);
        Controller controller = slot.Queue.ConnectedController;
        Feature feature = FeatureTable.Find(command.Feature, controller.IsDiscovery)!;
        Set(slot, feature, new FeatureRequest(controller, entry.NamespaceId, command.Value), slot.HostData.Span);
    }

    public override void OnResumed(CommandSlot slot) => slot.EndWork();

    public override void OnBackendCompleted(CommandSlot slot, NvmeStatus status) => NamespaceFlush.OnBackendCompleted(slot, status);

    protected override void Start(Controller controller, CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        ref readonly FeatureCommand command = ref FeatureCommand.Of(in entry);
        Feature? feature = FeatureTable.Find(command.Feature, controller.IsDiscovery);
        if (feature == null)
        {
            slot.Reject(NvmeStatus.InvalidField);
        }
        else if (command.Save)
        {
            slot.Reject(NvmeStatus.FeatureIdentifierNotSaveable);
        }
        else if (FeatureNamespaces.Check(controller, feature, entry.NamespaceId) is { IsSuccess: false } refused)
        {
            slot.Reject(refused);
        }
        else if (slot.Command.DataLength != feature.DataLength)
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
        }
        else if (feature.DataLength != 0)
        {
            slot.ReceiveHostData();
        }
        else
        {
            Set(slot, feature, new FeatureRequest(controller, entry.NamespaceId, command.Value), default);
        }
    }

    private static void Set(CommandSlot slot, Feature feature, in FeatureRequest request, ReadOnlySpan<byte> data)
    {
        if (feature.StartSet(in request) is { } work)
        {
            slot.WaitFor(work);
            return;
        }

        NvmeStatus status = feature.Set(in request, data, out uint result);
        if (!status.IsSuccess)
        {
            slot.Reject(status);
            return;
        }

        slot.Result = result;
        if (feature.NeedsFlush(in request))
        {
            NamespaceFlush.StartAll(slot);
        }
        else
        {
            slot.Succeed();
        }
    }
}
