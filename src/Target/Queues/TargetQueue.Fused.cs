using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Target.Queues;

/// <summary>Fused commands: a Compare (FUSE 01b) and the command right behind it, a Write (FUSE 10b).</summary>
internal sealed partial class TargetQueue
{
    private const byte FirstOfPair = SubmissionQueueEntryExtensions.SglFlags | 1;
    private const byte SecondOfPair = SubmissionQueueEntryExtensions.SglFlags | 2;

    private static readonly TimeSpan FusedPatience = TimeSpan.FromSeconds(5);

    // A Compare that waits for its Write, and since when (0: none does); the time is read by the target's timer.
    private CommandSlot? _firstFused;
    private long _firstFusedSince;

    /// <summary>
    /// Hosts send both of a pair at once, so a Compare that waits for long has no Write: it is ended. Called by the target's timer, on its thread.
    /// </summary>
    public void ReviewFirstFused(long now)
    {
        long since = Volatile.Read(ref _firstFusedSince);
        if (since != 0 && Target.Time.GetElapsedTime(since, now) > FusedPatience)
        {
            TryPostEvent(new OverdueFused(this, since));
        }
    }

    /// <summary>A command whose flags are not those of an unfused command with an SGL.</summary>
    private void StartFused(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        int flags = entry.Flags & CheckedFlags;
        bool served = _executors == CommandTables.InputOutput;
        if (served && flags == FirstOfPair && entry.Opcode == (byte)InputOutputOpcode.Compare)
        {
            slot.Fuse(CommandTables.FusedCompare);
            _firstFused = slot;
            Volatile.Write(ref _firstFusedSince, Math.Max(1, Target.Time.GetTimestamp()));
            CommandTables.FusedCompare.Start(slot, in entry);
        }
        else if (served && flags == SecondOfPair && entry.Opcode == (byte)InputOutputOpcode.Write)
        {
            if (_firstFused is not { } first)
            {
                slot.Fail(NvmeStatus.AbortedMissingFused);
                return;
            }

            ForgetFirstFused();
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
        ForgetFirstFused();
        first.ResumeFromPartner();
        first.Fail(status);
    }

    /// <summary>No data will come and no second command. A pair at the back end goes on.</summary>
    private void DropWaitingPartners()
    {
        ForgetFirstFused();
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

    private void ForgetFirstFused()
    {
        _firstFused = null;
        Volatile.Write(ref _firstFusedSince, 0);
    }

    private void EndOverdueFused(long since)
    {
        // Another may wait by now, or none.
        if (_firstFused != null && _firstFusedSince == since)
        {
            EndFirstFused(NvmeStatus.AbortedMissingFused);
            ReviewPending();
        }
    }

    private sealed class OverdueFused(TargetQueue queue, long since) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            queue.EndOverdueFused(since);
            queue.QueuePair.Lifecycle.Release(ReferenceKind.Event);
        }
    }
}
