using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Queues;

namespace Nvmf.Target.InputOutput;

/// <summary>The first of a fused pair: has its data fetched, and leaves all else to the second.</summary>
internal sealed class FusedCompareExecutor : CommandExecutor
{
    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry) => slot.WaitForPartner();

    public override void OnHostData(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        CommandSlot second = slot.Partner!;
        slot.WaitForPartner();
        second.ResumeFromPartner();
        second.ReceiveInto(FusedWriteExecutor.DataOfWrite(second));
    }

    public override void OnHostDataFailed(CommandSlot slot, NvmeStatus status)
    {
        CommandSlot second = slot.Partner!;
        slot.Fail(status);
        second.ResumeFromPartner();
        second.Fail(NvmeStatus.AbortedFailedFused);
    }
}
