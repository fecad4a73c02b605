using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.InputOutput;

/// <summary>Verify: reads the range into scratch memory, chunk by chunk, and sends nothing.</summary>
internal sealed class VerifyExecutor : SteppedExecutor
{
    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (!HasNoData(slot) || !TryFindRange(slot, in entry, out Namespace ns) || !IsAdmitted(slot, ns, ReservationAccess.Read))
        {
            return;
        }

        ref readonly InputOutputCommand command = ref InputOutputCommand.Of(in entry);
        ulong length = (ulong)command.Blocks << ns.BlockShift;
        if (!slot.EnsureBuffer((int)Math.Min(length, (ulong)slot.Queue.ChunkSize)))
        {
            return;
        }

        slot.Progress = new CommandProgress { Block = command.StartingLba, Remaining = command.Blocks };
        Continue(slot);
    }

    protected override bool HasMore(CommandSlot slot) => slot.Progress.Remaining != 0;

    protected override bool SubmitStep(CommandSlot slot, Namespace ns, out NvmeStatus status)
    {
        ref CommandProgress progress = ref slot.Progress;
        progress.Step = StepOf(progress.Remaining, slot.Buffer.Length, ns);
        status = default;
        return IsWithin(slot, ns, progress.Block, progress.Step)
            && slot.Submit(ns, BackendOperation.Read, progress.Block, progress.Step, slot.Buffer.Slice(0, (int)progress.Step << ns.BlockShift), out status);
    }

    protected override bool OnStepDone(CommandSlot slot)
    {
        slot.Progress.Block += slot.Progress.Step;
        slot.Progress.Remaining -= slot.Progress.Step;
        return true;
    }
}
