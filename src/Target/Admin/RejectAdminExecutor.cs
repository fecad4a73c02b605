using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Admin;

/// <summary>Commands that OACS does not announce, and opcodes that mean nothing.</summary>
internal sealed class RejectAdminExecutor : AdminExecutor
{
    protected override void Start(Controller controller, CommandSlot slot, ref readonly SubmissionQueueEntry entry) =>
        slot.Reject(NvmeStatus.InvalidOpcode);
}
