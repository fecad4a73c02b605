using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.InputOutput;

/// <summary>Compare: the host's data against what is stored, chunk by chunk.</summary>
internal sealed class CompareExecutor : SteppedExecutor
{
    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (!TryFindRange(slot, in entry, out Namespace ns) || !IsAdmitted(slot, ns, ReservationAccess.Read))
        {
            return;
        }

        uint blocks = InputOutputCommand.Of(in entry).Blocks;
        if (!HasLengthOf(slot, ns, blocks))
        {
            return;
        }

        // Data and scratch are one lease, unless the pool has none that large.
        int scratch = ScratchLength(slot);
        bool together = !slot.Command.InCapsuleData.IsEmpty || (int)slot.Command.DataLength + scratch <= slot.Queue.Pool.MaxLength;
        slot.ReceiveHostData(together ? scratch : 0);
    }

    public override void OnHostData(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        // No waiting here: with the data in hand, that could be a wait for ourselves. The host may try again.
        if (slot.Scratch.IsEmpty && !slot.TryRentScratch(ScratchLength(slot)))
        {
            slot.Fail(NvmeStatus.CommandInterrupted);
            return;
        }

        ref readonly InputOutputCommand command = ref InputOutputCommand.Of(in entry);
        slot.Progress = new CommandProgress { Block = command.StartingLba, Remaining = command.Blocks };
        Continue(slot);
    }

    private static int ScratchLength(CommandSlot slot) => Math.Min((int)slot.Command.DataLength, slot.Queue.ChunkSize);

    protected override bool HasMore(CommandSlot slot) => slot.Progress.Remaining != 0;

    protected override bool SubmitStep(CommandSlot slot, Namespace ns, out NvmeStatus status)
    {
        ref CommandProgress progress = ref slot.Progress;
        progress.Step = StepOf(progress.Remaining, slot.Scratch.Length, ns);
        status = default;
        return IsWithin(slot, ns, progress.Block, progress.Step)
            && slot.Submit(ns, BackendOperation.Read, progress.Block, progress.Step, slot.Scratch.Slice(0, (int)progress.Step << ns.BlockShift), out status);
    }

    protected override bool OnStepDone(CommandSlot slot)
    {
        ref CommandProgress progress = ref slot.Progress;
        BufferLease stored = slot.Data;
        if (!stored.Span.SequenceEqual(slot.HostData.Span.Slice((int)progress.Position, stored.Length)))
        {
            slot.Reject(NvmeStatus.CompareFailure);
            return false;
        }

        progress.Position += (ulong)stored.Length;
        progress.Block += progress.Step;
        progress.Remaining -= progress.Step;
        return true;
    }
}
