using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Admin;

/// <summary>A command of the admin command set: only while the controller is enabled and ready.</summary>
internal abstract class AdminExecutor : CommandExecutor
{
    public sealed override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        Controller controller = slot.Queue.ConnectedController;
        if (controller.AcceptsCommands)
        {
            Start(controller, slot, in entry);
        }
        else
        {
            slot.Reject(NvmeStatus.CommandSequenceError);
        }
    }

    protected abstract void Start(Controller controller, CommandSlot slot, ref readonly SubmissionQueueEntry entry);
}
