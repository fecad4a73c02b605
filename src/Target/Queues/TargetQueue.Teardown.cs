using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Diagnostics;

namespace Nvmf.Target.Queues;

/// <summary>The end of a queue, and the commands that it has to wait for.</summary>
internal sealed partial class TargetQueue
{
    private PendingCommands _pending;
    private List<NamespaceFence>? _fences;

    // One for the queue itself, given back when it is quiescing and nothing is pending; one for every detached slot. At 0 no request of this queue
    // can touch a medium any more.
    private int _busy = 1;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;
    private volatile bool _closed;

    /// <summary>No command will follow.</summary>
    public bool IsQuiescing { get; private set; }

    /// <summary>The queue pair is gone.</summary>
    public bool IsClosed => _closed;

    /// <summary>Ends when no request of this queue can touch a medium any more; continuations run elsewhere.</summary>
    public Task Idle => _idle.Task;

    public void AddPending(CommandSlot slot) => _pending.Add(slot);

    public void RemovePending(CommandSlot slot) => _pending.Remove(slot);

    /// <summary>Called after pending commands went on: somebody may have been waiting for that.</summary>
    public void ReviewPending()
    {
        if (_fences is { Count: > 0 })
        {
            _fences.RemoveAll(fence => TryPass(fence));
        }

        if (IsQuiescing && _pending.IsEmpty && !_ended)
        {
            _ended = true;
            LeaveBusy();
        }
    }

    /// <summary>Any thread. The slot's command, or an event reference of the caller, keeps the queue pair.</summary>
    public void Post(CommandSlot slot)
    {
        if (_closed)
        {
            slot.ReleaseLate();
            return;
        }

        try
        {
            QueuePair.Post(slot);
        }
        catch (ObjectDisposedException)
        {
            // Past T1 a command keeps nothing alive: the loop may be gone.
            slot.ReleaseLate();
        }
    }

    /// <summary>Runs <paramref name="item"/> on the loop; it ends with giving back the event reference that this takes. Any thread.</summary>
    /// <returns>False when the queue pair is closed.</returns>
    public bool TryPostEvent(IThreadPoolWorkItem item)
    {
        if (!QueuePair.Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            return false;
        }

        QueuePair.Post(item);
        return true;
    }

    /// <inheritdoc/>
    public void OnQuiescing(QueuePair queuePair, TeardownCause cause)
    {
        IsQuiescing = true;
        if (IsAdmin)
        {
            Controller?.OnAdminQuiescing(cause);
        }

        for (CommandSlot? slot = _pending.First, next; slot != null; slot = next)
        {
            next = slot.NextPending;
            // Those whose turn has come in this moment, and those that yielded, drop themselves when they get to the loop.
            if (slot.Stage is SlotStage.ReceivingData or SlotStage.ReceivingToFail || slot.TryCancelBufferWait())
            {
                _pending.Remove(slot);
                slot.Drop();
            }
        }

        DropWaitingPartners();
        Authentication?.OnQuiescing();
        ReviewPending();
    }

    /// <inheritdoc/>
    public void OnClosed(QueuePair queuePair, DrainReport report)
    {
        _closed = true;
        IsQuiescing = true;
        while (_pending.First is { } slot)
        {
            _pending.Remove(slot);
            Interlocked.Increment(ref _busy);
            if (!slot.TryDetach())
            {
                LeaveBusy();
            }
        }

        Authentication?.Dispose();
        ReviewPending();
        Controller?.OnQueueClosed(this);
        TargetLog.QueuePairClosed(_logger, QueuePair.Id, QueueId, report.Cause, report.AbandonedCommands);
    }

    /// <summary>
    /// Ends a command of this queue at the wish of the host: one that waits for memory, or one whose request at the back end changes nothing. A write that the back end
    /// has cannot be recalled, and must not be reported as aborted.
    /// </summary>
    /// <returns>False when it is not there, or too far.</returns>
    public bool TryAbort(ushort commandId)
    {
        if (IsAdmin && ConnectedController.Events.TryAbort(commandId))
        {
            return true;
        }

        for (CommandSlot? slot = _pending.First; slot != null; slot = slot.NextPending)
        {
            if (slot.CommandId != commandId)
            {
                continue;
            }

            if (slot == _firstFused)
            {
                EndFirstFused(NvmeStatus.AbortRequested);
            }
            else if (slot.Partner == null && slot.TryCancelBufferWait())
            {
                _pending.Remove(slot);
                slot.Fail(NvmeStatus.AbortRequested);
            }
            else if (!TryAbortAtBackend(slot, NvmeStatus.AbortRequested))
            {
                return false;
            }

            ReviewPending();
            return true;
        }

        return false;
    }

    /// <summary>The last request of a detached slot is done. Any thread.</summary>
    public void OnDetachedCompleted() => LeaveBusy();

    /// <summary>Runs on the loop: whatever saw the namespace in its table has finished with it, or is pending.</summary>
    public void AddFence(NamespaceFence fence)
    {
        if (fence.Preempts)
        {
            AbortPreempted(fence.Namespace);
        }

        if (!TryPass(fence))
        {
            (_fences ??= []).Add(fence);
        }
    }

    private bool TryAbortAtBackend(CommandSlot slot, NvmeStatus status)
    {
        if (slot.Stage != SlotStage.AtBackend || !slot.ChangesNothing)
        {
            return false;
        }

        Interlocked.Increment(ref _busy);
        if (!slot.TryDetach())
        {
            LeaveBusy();
            return false;
        }

        // The transport's slot gets a new one of ours; the old one belongs to the back end until it answers.
        _pending.Remove(slot);
        slot.FailDetached(status);
        return true;
    }

    private bool TryPass(NamespaceFence fence)
    {
        if (fence.Preempts)
        {
            return TryPassPreemption(fence);
        }

        for (CommandSlot? slot = _pending.First; slot != null; slot = slot.NextPending)
        {
            if (slot.Namespace == fence.Namespace)
            {
                return false;
            }
        }

        fence.Pass();
        return true;
    }

    private void LeaveBusy()
    {
        if (Interlocked.Decrement(ref _busy) != 0)
        {
            return;
        }

        Controller?.OnQueueIdle(this);
        _idle.TrySetResult();
    }
}
