using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Queues;

/// <summary>Fused commands: a Compare (FUSE 01b) and the command right behind it, a Write (FUSE 10b).</summary>
internal sealed partial class TargetQueue
{
    private const byte FirstOfPair = SubmissionQueueEntryExtensions.SglFlags | 1;
    private const byte SecondOfPair = SubmissionQueueEntryExtensions.SglFlags | 2;

    // A Compare that waits for its Write.
    private CommandSlot? _firstFused;

    /// <summary>A command whose flags are not those of an unfused command with an SGL.</summary>
    private void StartFused(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        int flags = entry.Flags & CheckedFlags;
        if (!IsAdmin && flags == FirstOfPair && entry.Opcode == (byte)InputOutputOpcode.Compare)
        {
            slot.Fuse(CommandTables.FusedCompare);
            _firstFused = slot;
            CommandTables.FusedCompare.Start(slot, in entry);
        }
        else if (!IsAdmin && flags == SecondOfPair && entry.Opcode == (byte)InputOutputOpcode.Write)
        {
            if (_firstFused is not { } first)
            {
                slot.Fail(NvmeStatus.AbortedMissingFused);
                return;
            }

            _firstFused = null;
            slot.Fuse(CommandTables.FusedWrite);
            first.PairWith(slot);
            CommandTables.FusedWrite.Start(slot, in entry);
        }
        else
        {
            slot.Reject(NvmeStatus.InvalidField);
        }
    }

    /// <summary>The command behind a first one that waits: unless it is the second, the first has none.</summary>
    private void ReviewFirstFused(QueuePairCommand next)
    {
        ref readonly SubmissionQueueEntry entry = ref next.Entry;
        bool isSecond = (entry.Flags & CheckedFlags) == SecondOfPair && entry.Opcode == (byte)InputOutputOpcode.Write;
        if (!isSecond || !next.TransportStatus.IsSuccess)
        {
            EndFirstFused(NvmeStatus.AbortedMissingFused);
        }
    }

    private void EndFirstFused(NvmeStatus status)
    {
        CommandSlot first = _firstFused!;
        _firstFused = null;
        first.ResumeFromPartner();
        first.Fail(status);
    }

    /// <summary>No data will come and no second command. A pair at the back end goes on.</summary>
    private void DropWaitingPartners()
    {
        _firstFused = null;
        for (CommandSlot? slot = _pending.First, next; slot != null; slot = next)
        {
            next = slot.NextPending;
            if (slot.Stage == SlotStage.WaitingForPartner && slot.Partner?.Stage != SlotStage.AtBackend)
            {
                _pending.Remove(slot);
                slot.Drop();
            }
        }
    }
}
