using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Admin.Identify;
using Nvmf.Target.Controllers;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Admin;

/// <summary>Identify: a page of 4096 bytes, chosen by CNS.</summary>
internal sealed class IdentifyExecutor : AdminExecutor
{
    private const int PageSize = 4096;

    protected override void Start(Controller controller, CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (slot.Command.DataLength != PageSize)
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
            return;
        }

        if (!slot.EnsureBuffer(PageSize))
        {
            return;
        }

        Span<byte> page = slot.Buffer.Span;
        page.Clear();
        NvmeStatus status = controller.IsDiscovery
            ? WriteDiscovery(controller, in IdentifyCommand.Of(in entry), page)
            : Write(controller, in entry, in IdentifyCommand.Of(in entry), page);
        if (status.IsSuccess)
        {
            slot.SucceedWithBuffer();
        }
        else
        {
            slot.Reject(status);
        }
    }

    private static NvmeStatus WriteDiscovery(Controller controller, ref readonly IdentifyCommand command, Span<byte> page)
    {
        if (command.Cns != IdentifyCns.Controller)
        {
            return NvmeStatus.InvalidField;
        }

        IdentifyControllerPage.WriteDiscovery(controller, ref WireStructure.View<IdentifyController>(page));
        return NvmeStatus.Success;
    }

    private static NvmeStatus Write(Controller controller, ref readonly SubmissionQueueEntry entry, ref readonly IdentifyCommand command, Span<byte> page)
    {
        switch (command.Cns)
        {
            case IdentifyCns.Controller:
                IdentifyControllerPage.Write(controller, ref WireStructure.View<IdentifyController>(page));
                return NvmeStatus.Success;
            case IdentifyCns.CommandSetController when command.CommandSet == CommandSetIdentifier.Nvm:
                // No limit beyond MDTS on anything: a page of zeroes.
                return NvmeStatus.Success;
            case IdentifyCns.Namespace:
                return IdentifyNamespacePages.Write(controller, entry.NamespaceId, page);
            case IdentifyCns.CommandSetNamespace when command.CommandSet == CommandSetIdentifier.Nvm:
                return IdentifyNamespacePages.WriteCommandSet(controller, entry.NamespaceId);
            case IdentifyCns.IndependentNamespace:
                return IdentifyNamespacePages.WriteIndependent(controller, entry.NamespaceId, page);
            case IdentifyCns.NamespaceIdentificationDescriptors:
                return IdentifyNamespacePages.WriteDescriptors(controller, entry.NamespaceId, page);
            case IdentifyCns.ActiveNamespaceList:
            case IdentifyCns.CommandSetActiveNamespaceList when command.CommandSet == CommandSetIdentifier.Nvm:
                return IdentifyLists.WriteActiveNamespaces(controller, entry.NamespaceId, page);
            case IdentifyCns.ControllerList:
                IdentifyLists.WriteControllers(controller, command.ControllerId, page);
                return NvmeStatus.Success;
            default:
                return NvmeStatus.InvalidField;
        }
    }
}
