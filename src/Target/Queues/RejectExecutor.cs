using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Queues;

/// <summary>Commands that are not known, or not at this time.</summary>
internal sealed class RejectExecutor(NvmeStatus status) : CommandExecutor
{
    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry) => slot.Reject(status);
}
