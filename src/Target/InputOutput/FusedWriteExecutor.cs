using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.InputOutput;

/// <summary>
/// The second of a fused pair, and with it the pair: one block is written if it holds what the Compare says, and the back end lets nothing come between. The memory holds the data of
/// the Compare and behind it those of the Write.
/// </summary>
internal sealed class FusedWriteExecutor : BlockExecutor
{
    private const ushort DirectiveTypeMask = 0x00F0;

    /// <summary>Where the data of the Write belong.</summary>
    public static BufferLease DataOfWrite(CommandSlot slot) => slot.Buffer.Slice(slot.Buffer.Length / 2, slot.Buffer.Length / 2);

    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        CommandSlot first = slot.Partner!;
        if (!TryFindWritableRange(slot, in entry, out Namespace ns) || !IsAdmitted(slot, ns, ReservationAccess.Write) || !IsPair(slot, first, ns) || !HasLengthOf(slot, ns, 1))
        {
            FailFirst(first);
            return;
        }

        int blockSize = 1 << ns.BlockShift;
        if (!slot.EnsureBuffer(2 * blockSize))
        {
            return;
        }

        slot.WaitForPartner();
        first.ResumeFromPartner();
        first.ReceiveInto(slot.Buffer.Slice(0, blockSize));
    }

    public override void OnHostData(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        // Again: the namespace may have gone or shrunk while the data was on its way.
        CommandSlot first = slot.Partner!;
        if (!TryFindWritableRange(slot, in entry, out Namespace ns))
        {
            FailFirst(first);
            return;
        }

        ref readonly InputOutputCommand command = ref InputOutputCommand.Of(in entry);
        slot.ForceUnitAccess = MustBeDurable(slot, command.ForceUnitAccess);
        if (slot.Submit(ns, BackendOperation.CompareAndWrite, command.StartingLba, 1, slot.Buffer, out NvmeStatus status))
        {
            End(slot, status);
        }
    }

    public override void OnHostDataFailed(CommandSlot slot, NvmeStatus status)
    {
        CommandSlot first = slot.Partner!;
        slot.Fail(status);
        FailFirst(first);
    }

    public override void OnBackendCompleted(CommandSlot slot, NvmeStatus status) => End(slot, status);

    private static void End(CommandSlot slot, NvmeStatus status)
    {
        CommandSlot first = slot.Partner!;
        first.ResumeFromPartner();
        if (status.IsSuccess)
        {
            slot.Queue.Counters.OnWritten(slot.Command.DataLength);
            first.Succeed();
            slot.Succeed();
        }
        else if (status.IsSameCode(NvmeStatus.CompareFailure))
        {
            first.Fail(status);
            slot.Reject(NvmeStatus.AbortedFailedFused);
        }
        else
        {
            first.Fail(NvmeStatus.AbortedFailedFused);
            slot.Fail(status);
        }
    }

    private static bool TryFindWritableRange(CommandSlot slot, ref readonly SubmissionQueueEntry entry, out Namespace ns) =>
        TryFindRange(slot, in entry, out ns) && IsWritable(slot, ns);

    /// <summary>Both commands are about the same one block. Otherwise the second is completed.</summary>
    private static bool IsPair(CommandSlot slot, CommandSlot first, Namespace ns)
    {
        ref readonly InputOutputCommand write = ref InputOutputCommand.Of(in slot.Command.Entry);
        ref readonly InputOutputCommand compare = ref InputOutputCommand.Of(in first.Command.Entry);
        if (write.Blocks != 1)
        {
            slot.Reject(NvmeStatus.AtomicWriteUnitExceeded);
        }
        else if (compare.NamespaceId != write.NamespaceId || compare.StartingLba != write.StartingLba || compare.Blocks != 1 || !ns.Backend.SupportsCompareAndWrite
            || compare.UsesProtectionInformation || (write.Control & DirectiveTypeMask) != 0)
        {
            slot.Reject(NvmeStatus.InvalidField);
        }
        else if (first.Command.DataLength != 1u << ns.BlockShift)
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
        }
        else
        {
            return true;
        }

        return false;
    }

    private static void FailFirst(CommandSlot first)
    {
        first.ResumeFromPartner();
        first.Fail(NvmeStatus.AbortedFailedFused);
    }
}
