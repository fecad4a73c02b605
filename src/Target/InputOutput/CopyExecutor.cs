using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.InputOutput;

/// <summary>
/// Copy, descriptor format 0: source ranges of the namespace one behind the other to the destination. Chunk by chunk, so a source that overlaps the destination is
/// refused: what it would read might be written already.
/// </summary>
internal sealed class CopyExecutor : SteppedExecutor
{
    private const byte Format0 = 0;
    private const ushort DirectiveTypeMask = 0x00F0;

    // Overlapping I/O Range (NVM Command Set).
    private static readonly NvmeStatus OverlappingIoRange = new(codeType: 1, code: 0x87);

    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (!TryFindNamespace(slot, entry.NamespaceId, out Namespace ns) || !IsWritable(slot, ns) || !IsAdmitted(slot, ns, ReservationAccess.Write))
        {
            return;
        }

        ref readonly CopyCommand command = ref CopyCommand.Of(in entry);
        if (command.DescriptorFormat != Format0 || (command.Control & DirectiveTypeMask) != 0)
        {
            slot.Reject(NvmeStatus.InvalidField);
        }
        else if (command.UsesProtectionInformation)
        {
            slot.Reject(NvmeStatus.InvalidProtectionInformation);
        }
        else if (command.Ranges > CopyLimits.Ranges)
        {
            slot.Reject(NvmeStatus.CommandSizeLimitExceeded);
        }
        else if (slot.Command.DataLength != (uint)command.Ranges * CopyDescriptor.Size)
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
        }
        else
        {
            slot.ReceiveHostData(slot.Queue.ChunkSize);
        }
    }

    public override void OnHostData(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (!TryFindNamespace(slot, entry.NamespaceId, out Namespace ns))
        {
            return;
        }

        ref readonly CopyCommand command = ref CopyCommand.Of(in entry);
        NvmeStatus status = Check(slot, ns, in command);
        if (!status.IsSuccess)
        {
            slot.Reject(status);
            return;
        }

        CopyDescriptor first = DescriptorAt(slot, 0);
        slot.ForceUnitAccess = MustBeDurable(slot, command.ForceUnitAccess);
        slot.Progress = new CommandProgress
        {
            Block = first.StartingLba,
            Remaining = BlocksOf(first),
            Position = command.DestinationLba,
        };
        Continue(slot);
    }

    protected override bool HasMore(CommandSlot slot) =>
        slot.Progress.Remaining != 0 || slot.Progress.Index < CopyCommand.Of(in slot.Command.Entry).RangesZeroBased;

    protected override bool SubmitStep(CommandSlot slot, Namespace ns, out NvmeStatus status)
    {
        ref CommandProgress progress = ref slot.Progress;
        status = default;
        if (progress.Writing)
        {
            return IsWithin(slot, ns, progress.Position, progress.Step)
                && slot.Submit(ns, BackendOperation.Write, progress.Position, progress.Step, slot.Data, out status);
        }

        if (progress.Remaining == 0)
        {
            CopyDescriptor next = DescriptorAt(slot, ++progress.Index);
            progress.Block = next.StartingLba;
            progress.Remaining = BlocksOf(next);
        }

        progress.Step = StepOf(progress.Remaining, slot.Scratch.Length, ns);
        return IsWithin(slot, ns, progress.Block, progress.Step)
            && slot.Submit(ns, BackendOperation.Read, progress.Block, progress.Step, slot.Scratch.Slice(0, (int)progress.Step << ns.BlockShift), out status);
    }

    protected override bool OnStepDone(CommandSlot slot)
    {
        ref CommandProgress progress = ref slot.Progress;
        if (progress.Writing)
        {
            progress.Position += progress.Step;
            progress.Block += progress.Step;
            progress.Remaining -= progress.Step;
        }

        progress.Writing = !progress.Writing;
        return true;
    }

    private static NvmeStatus Check(CommandSlot slot, Namespace ns, ref readonly CopyCommand command)
    {
        ulong total = 0;
        for (int i = 0; i < command.Ranges; i++)
        {
            CopyDescriptor source = DescriptorAt(slot, i);
            total += BlocksOf(source);
            if (BlocksOf(source) > ns.CopyLimits.BlocksPerRange)
            {
                return NvmeStatus.CommandSizeLimitExceeded;
            }

            if (!Contains(ns, source.StartingLba, BlocksOf(source)))
            {
                return NvmeStatus.LbaOutOfRange;
            }
        }

        if (total > ns.CopyLimits.Blocks)
        {
            return NvmeStatus.CommandSizeLimitExceeded;
        }

        if (!Contains(ns, command.DestinationLba, total))
        {
            return NvmeStatus.LbaOutOfRange;
        }

        for (int i = 0; i < command.Ranges; i++)
        {
            CopyDescriptor source = DescriptorAt(slot, i);
            if (source.StartingLba < command.DestinationLba + total && command.DestinationLba < source.StartingLba + BlocksOf(source))
            {
                return OverlappingIoRange;
            }
        }

        return NvmeStatus.Success;
    }

    private static uint BlocksOf(CopyDescriptor descriptor) => descriptor.Blocks + 1u;

    private static CopyDescriptor DescriptorAt(CommandSlot slot, int index) =>
        WireStructure.Read<CopyDescriptor>(slot.HostData.Span[(index * CopyDescriptor.Size)..]);
}
