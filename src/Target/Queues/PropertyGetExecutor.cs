using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Queues;

/// <summary>Property Get: controller properties by offset; the size must be the property's own.</summary>
internal sealed class PropertyGetExecutor : CommandExecutor
{
    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        ref readonly PropertyCommand command = ref PropertyCommand.Of(in entry);
        Controller controller = slot.Queue.ConnectedController;
        (int size, ulong value) = command.Offset switch
        {
            PropertyOffset.Capabilities => (8, controller.Limits.Capabilities.Value),
            PropertyOffset.Version => (4, ControllerLimits.Version.Value),
            PropertyOffset.Configuration => (4, controller.Configuration.Value),
            PropertyOffset.Status => (4, controller.Status.Value),
            PropertyOffset.ReadyTimeouts => (4, controller.Limits.ReadyTimeouts.Value),
            _ => (0, 0ul),
        };
        if (size == 0 || command.PropertySize != size)
        {
            slot.Reject(NvmeStatus.InvalidField);
        }
        else if (slot.Command.DataLength != 0)
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
        }
        else
        {
            slot.Result = value;
            slot.Succeed();
        }
    }
}
