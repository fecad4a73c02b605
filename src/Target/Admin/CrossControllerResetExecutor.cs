using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Controllers;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Admin;

/// <summary>
/// Cross-Controller Reset: ends an association that its host has lost, for the same host on another controller. Completes when no request of the lost one can touch a
/// medium any more (IRS = 1), or without that after <see cref="NvmeTargetOptions.CommandQuiesceTime"/> (IRS = 0).
/// </summary>
internal sealed class CrossControllerResetExecutor : AdminExecutor
{
    public override void OnResumed(CommandSlot slot)
    {
        Controller controller = slot.Queue.ConnectedController;
        controller.ResetsUnderWay--;
        slot.Result = Find(controller, in slot.Command.Entry) is { } impacted && impacted.EndingIoQueues().Length != 0
            ? 0u
            : CrossControllerResetCommand.ImmediateResetSuccessful;
        slot.Succeed();
    }

    protected override void Start(Controller controller, CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (controller.IsDiscovery)
        {
            slot.Reject(NvmeStatus.InvalidOpcode);
        }
        else if (slot.Command.DataLength != 0)
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
        }
        else if (Find(controller, in entry) is not { } impacted)
        {
            // It is gone, and nothing of it is at a back end: identifiers of controllers are kept until then. After a restart of the target this
            // controller may have the identifier of the one that is meant.
            slot.Result = CrossControllerResetCommand.ImmediateResetSuccessful;
            slot.Succeed();
        }
        else if (impacted == controller)
        {
            slot.Reject(NvmeStatus.InvalidField);
        }
        else if (controller.ResetsUnderWay >= Controller.ResetLimit)
        {
            slot.Fail(NvmeStatus.CommandInterrupted);
        }
        else
        {
            controller.ResetsUnderWay++;
            slot.WaitFor(EndAsync(impacted), controller.Target.Options.CommandQuiesceTime);
        }
    }

    private static async Task EndAsync(Controller impacted)
    {
        _ = impacted.EndAsync(TeardownCause.ControllerDisabled);
        await Task.WhenAll(impacted.EndingIoQueues()).ConfigureAwait(false);
    }

    // Of another host, or an association that is over: there is nothing that this host could mean.
    private static Controller? Find(Controller controller, ref readonly SubmissionQueueEntry entry)
    {
        ref readonly CrossControllerResetCommand command = ref CrossControllerResetCommand.Of(in entry);
        var instance = new ControllerInstance(command.InstanceUniquifier, command.InstanceRandomNumber);
        return controller.Subsystem!.ControllerTable.Find(command.ControllerId, instance) is { } found && found.BelongsTo(controller.HostNqn, controller.HostId) ? found : null;
    }
}
