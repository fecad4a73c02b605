using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Admin;

/// <summary>Keep Alive.</summary>
internal sealed class KeepAliveExecutor : AdminExecutor
{
    protected override void Start(Controller controller, CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (slot.Command.DataLength != 0)
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
            return;
        }

        // Without a timer there is nothing to keep alive, and nothing wrong with saying so.
        controller.OnKeepAlive();
        slot.Succeed();
    }
}
