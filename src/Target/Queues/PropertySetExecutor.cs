using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Queues;

/// <summary>Property Set: CC is the only property that a host may write.</summary>
internal sealed class PropertySetExecutor : CommandExecutor
{
    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        ref readonly PropertyCommand command = ref PropertyCommand.Of(in entry);
        if (command.Offset != PropertyOffset.Configuration || command.PropertySize != 4)
        {
            slot.Reject(NvmeStatus.InvalidField);
        }
        else if (slot.Command.DataLength != 0)
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
        }
        else
        {
            slot.Queue.ConnectedController.Configure((uint)command.Value);
            slot.Succeed();
        }
    }
}
