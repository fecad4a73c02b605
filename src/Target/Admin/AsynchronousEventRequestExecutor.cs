using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Admin;

/// <summary>Asynchronous Event Request: completes when there is an event, be it in a year.</summary>
internal sealed class AsynchronousEventRequestExecutor : AdminExecutor
{
    protected override void Start(Controller controller, CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (slot.Command.DataLength != 0)
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
        }
        else if (!controller.Events.TryAdd(slot))
        {
            slot.Reject(NvmeStatus.AsynchronousEventRequestLimitExceeded);
        }
    }
}
