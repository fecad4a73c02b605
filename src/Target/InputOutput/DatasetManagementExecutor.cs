using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.InputOutput;

/// <summary>
/// Dataset Management: deallocates ranges; other attributes are hints that nothing is made of. Linux always describes room for 256 ranges, so the SGL may be longer than
/// the ranges.
/// </summary>
internal sealed class DatasetManagementExecutor : SteppedExecutor
{
    private const uint MaxLength = 256 * DatasetManagementRange.Size;

    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (!TryFindNamespace(slot, entry.NamespaceId, out Namespace ns) || !IsAdmitted(slot, ns, ReservationAccess.Write))
        {
            return;
        }

        uint length = slot.Command.DataLength;
        if (length < (uint)DatasetManagementCommand.Of(in entry).Ranges * DatasetManagementRange.Size || length > MaxLength)
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
        }
        else
        {
            slot.ReceiveHostData();
        }
    }

    public override void OnHostData(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (!TryFindNamespace(slot, entry.NamespaceId, out Namespace ns))
        {
            return;
        }

        ref readonly DatasetManagementCommand command = ref DatasetManagementCommand.Of(in entry);
        if ((command.Attributes & DatasetManagementAttributes.Deallocate) == 0)
        {
            slot.Succeed();
            return;
        }

        if (!IsWritable(slot, ns))
        {
            return;
        }

        // All or nothing, as far as can be known beforehand.
        for (int i = 0; i < command.Ranges; i++)
        {
            DatasetManagementRange range = RangeAt(slot, i);
            if (!Contains(ns, range.StartingLba, range.Blocks))
            {
                slot.Reject(NvmeStatus.LbaOutOfRange);
                return;
            }
        }

        slot.Progress = new CommandProgress { Remaining = (ulong)command.Ranges };
        Continue(slot);
    }

    protected override bool HasMore(CommandSlot slot)
    {
        ref CommandProgress progress = ref slot.Progress;
        while (progress.Remaining != 0 && RangeAt(slot, progress.Index).Blocks == 0)
        {
            OnStepDone(slot);
        }

        return progress.Remaining != 0;
    }

    protected override bool SubmitStep(CommandSlot slot, Namespace ns, out NvmeStatus status)
    {
        DatasetManagementRange range = RangeAt(slot, slot.Progress.Index);
        status = default;
        return IsWithin(slot, ns, range.StartingLba, range.Blocks)
            && slot.Submit(ns, BackendOperation.Deallocate, range.StartingLba, range.Blocks, default, out status);
    }

    protected override bool OnStepDone(CommandSlot slot)
    {
        slot.Progress.Index++;
        slot.Progress.Remaining--;
        return true;
    }

    private static DatasetManagementRange RangeAt(CommandSlot slot, int index) =>
        WireStructure.Read<DatasetManagementRange>(slot.HostData.Span[(index * DatasetManagementRange.Size)..]);
}
