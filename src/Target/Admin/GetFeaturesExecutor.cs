using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Admin.Features;
using Nvmf.Target.Controllers;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Admin;

/// <summary>Get Features: current, default and saved values, and what can be done with a feature.</summary>
internal sealed class GetFeaturesExecutor : AdminExecutor
{
    private const uint NamespaceSpecificCapability = 1 << 1;
    private const uint ChangeableCapability = 1 << 2;

    protected override void Start(Controller controller, CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        ref readonly FeatureCommand command = ref FeatureCommand.Of(in entry);
        Feature? feature = FeatureTable.Find(command.Feature, controller.IsDiscovery);
        if (feature == null || command.Select > FeatureSelect.SupportedCapabilities)
        {
            slot.Reject(NvmeStatus.InvalidField);
            return;
        }

        if (feature.IsNamespaceSpecific && !FeatureNamespaces.IsActiveOrNone(controller, entry.NamespaceId))
        {
            slot.Reject(NvmeStatus.InvalidNamespace);
            return;
        }

        // Some hosts ask for capabilities with room for the data.
        uint length = slot.Command.DataLength;
        bool capabilities = command.Select == FeatureSelect.SupportedCapabilities;
        if (length != feature.DataLength && !(capabilities && length == 0))
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
            return;
        }

        if (length != 0 && !slot.EnsureBuffer((int)length))
        {
            return;
        }

        Span<byte> data = slot.Buffer.Span;
        data.Clear();
        var request = new FeatureRequest(controller, entry.NamespaceId, command.Value);
        uint value = (feature.IsChangeable ? ChangeableCapability : 0) | (feature.IsNamespaceSpecific ? NamespaceSpecificCapability : 0);
        NvmeStatus status = command.Select switch
        {
            FeatureSelect.SupportedCapabilities => NvmeStatus.Success,
            FeatureSelect.Current => feature.Get(in request, data, out value),
            _ => feature.GetDefault(in request, data, out value),
        };
        if (!status.IsSuccess)
        {
            slot.Reject(status);
            return;
        }

        slot.Result = value;
        if (length != 0)
        {
            slot.SucceedWithBuffer();
        }
        else
        {
            slot.Succeed();
        }
    }
}
