using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Controllers;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Admin;

/// <summary>
/// Abort: looks for the command on its own queue's loop. Bit 0 of the result is cleared when the command was aborted; its completion has gone out before.
/// </summary>
internal sealed class AbortExecutor : AdminExecutor
{
    private const ulong NotAborted = 1;

    public override void OnResumed(CommandSlot slot)
    {
        slot.Queue.ConnectedController.AbortsUnderWay--;
        slot.Succeed();
    }

    protected override void Start(Controller controller, CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        ref readonly AbortCommand command = ref AbortCommand.Of(in entry);
        if (slot.Command.DataLength != 0)
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
        }
        else if (controller.AbortsUnderWay > Controller.AbortLimit)
        {
            slot.Reject(NvmeStatus.AbortCommandLimitExceeded);
        }
        else if (command.SubmissionQueueId == 0)
        {
            slot.Result = slot.Queue.TryAbort(command.CommandToAbort) ? 0 : NotAborted;
            slot.Succeed();
        }
        else if (controller.FindIoQueue(command.SubmissionQueueId) is not { } queue)
        {
            slot.Result = NotAborted;
            slot.Succeed();
        }
        else
        {
            // Before the post: the other loop may be quicker than this one.
            controller.AbortsUnderWay++;
            slot.Result = NotAborted;
            slot.WaitForOtherQueue();
            if (!queue.TryPostEvent(new Search(slot, queue, command.CommandToAbort)))
            {
                slot.PostToLoop();
            }
        }
    }

    private sealed class Search(CommandSlot slot, TargetQueue queue, ushort commandId) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            if (queue.TryAbort(commandId))
            {
                slot.Result = 0;
            }

            queue.QueuePair.Lifecycle.Release(ReferenceKind.Event);
            slot.PostToLoop();
        }
    }
}
