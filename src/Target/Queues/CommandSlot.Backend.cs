using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;

namespace Nvmf.Target.Queues;

/// <summary>
/// The back end's part: the request goes out, and comes back on whatever thread. While it is out, one word says who ends it:
/// <code>
/// None ──Submit──► Out ──Complete──► None, posted to the loop
///                   └──TryDetach──► Detached ──Complete──► None, memory released on the back end's thread
/// </code>
/// A detached slot is no queue's any more: its command was aborted, or the queue pair was destroyed after T1, but its memory stays leased until the
/// back end has answered (invariant I1).
/// </summary>
internal sealed partial class CommandSlot
{
    private const int None = 0;
    private const int Out = 1;
    private const int Detached = 2;

    private int _request;
    private NvmeStatus _backendStatus;

    /// <summary>
    /// Hands the next request of this command to the back end.
    /// </summary>
    /// <returns>True: done, with <paramref name="status"/>. False: <see cref="CommandExecutor.OnBackendCompleted"/> follows.</returns>
    public bool Submit(Namespace ns, BackendOperation operation, ulong startBlock, ulong blockCount, BufferLease data, out NvmeStatus status)
    {
        Namespace = ns;
        Operation = operation;
        StartBlock = startBlock;
        BlockCount = blockCount;
        Data = data;
        Stage = SlotStage.AtBackend;
        _request = Out;
        bool done;
        try
        {
            done = ns.Backend.Submit(this, out status);
        }
        catch (Exception exception)
        {
            // By contract a back end that throws has not kept the request.
            Queue.OnBackendException(this, exception);
            status = NvmeStatus.InternalError;
            done = true;
        }

        if (done)
        {
            _request = None;
            Stage = SlotStage.Running;
            return true;
        }

        // Data of the capsule are the transport's until the command completes. The back end may take longer than the queue pair lives.
        if (_buffer.IsEmpty && !data.IsEmpty)
        {
            _buffer = data.Retain();
        }

        Queue.AddPending(this);
        return false;
    }

    /// <inheritdoc/>
    public override void Complete(NvmeStatus status)
    {
        _backendStatus = status;
        switch (Interlocked.Exchange(ref _request, None))
        {
            case Out:
                PostToLoop();
                break;
            case Detached:
                ReleaseBuffer();
                Queue.OnDetachedCompleted();
                break;
            default:
                Queue.OnUnexpectedCompletion(this);
                break;
        }
    }

    /// <summary>Gives the loop to other commands; <see cref="CommandExecutor.OnResumed"/> follows.</summary>
    public void Yield()
    {
        Stage = SlotStage.Yielded;
        Queue.AddPending(this);
        PostToLoop();
    }

    /// <summary>Another queue's loop has the word; it ends with <see cref="PostToLoop"/>, and <see cref="CommandExecutor.OnResumed"/> follows.</summary>
    public void WaitForOtherQueue()
    {
        Stage = SlotStage.AtOtherQueue;
        Queue.AddPending(this);
    }

    /// <summary>Waits for something else of this target, but not longer than <paramref name="atMost"/>; <see cref="CommandExecutor.OnResumed"/> follows.</summary>
    public void WaitFor(Task task, TimeSpan atMost)
    {
        WaitForOtherQueue();
        _ = ResumeAfterAsync(task, atMost);
    }

    private async Task ResumeAfterAsync(Task task, TimeSpan atMost)
    {
        try
        {
            await task.WaitAsync(atMost, Queue.Target.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The executor looks for itself.
        }

        PostToLoop();
    }

    /// <summary>The controller keeps the command (Asynchronous Event Request).</summary>
    public void WaitForEvent()
    {
        Stage = SlotStage.WaitingForEvent;

        // How long nothing happened says nothing about the target.
        _startedAt = 0;
    }

    /// <summary>Withdraws from the pool's queue. False when the turn has come already: the slot is on its way to the loop.</summary>
    public bool TryCancelBufferWait() => Stage == SlotStage.WaitingForBuffer && Queue.Pool.CancelWait(_waiter);

    /// <summary>
    /// Leaves the slot and its memory to the back end. False when the answer is on its way to the loop already. The caller has counted it as detached.
    /// </summary>
    public bool TryDetach() => Interlocked.CompareExchange(ref _request, Detached, Out) == Out;

    /// <summary>The request that is out reads or flushes: it can be forgotten without consequences for the medium.</summary>
    public bool ChangesNothing => Operation is BackendOperation.Read or BackendOperation.Flush;

    /// <summary>
    /// Completes the command of a detached slot. The slot itself stays with the back end, which may be answering at this moment: nothing but the command is touched,
    /// and the transport's slot will get a new one of ours.
    /// </summary>
    public void FailDetached(NvmeStatus status)
    {
        Command.HandlerState = null;
        Queue.CommandIds.Remove(CommandId);
        Queue.CountError(this, status);
        CompletionQueueEntry completion = MakeCompletion(status);
        Command.Complete(in completion);
    }

    /// <summary>Any thread. The command's own reference keeps the queue pair up to T1; later the queue knows that it is gone.</summary>
    public void PostToLoop() => Queue.Post(this);

    /// <summary>Back on the loop.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        if (Queue.IsClosed)
        {
            ReleaseLate();
            return;
        }

        Queue.RemovePending(this);
        SlotStage stage = Stage;
        Stage = SlotStage.Running;
        try
        {
            switch (stage)
            {
                case SlotStage.Yielded when Queue.IsQuiescing:
                    Drop();
                    break;
                case SlotStage.Yielded when IsPreempted:
                    Fail(NvmeStatus.AbortedPreemptAndAbort);
                    break;
                case SlotStage.WaitingForBuffer:
                    OnBufferTurn();
                    break;
                case SlotStage.AtBackend:
                    Executor.OnBackendCompleted(this, _backendStatus);
                    break;
                default:
                    Executor.OnResumed(this);
                    break;
            }
        }
        catch (Exception exception)
        {
            Queue.OnUnexpectedException(this, exception);
        }

        Queue.ReviewPending();
    }

    /// <summary>The queue pair is gone: nothing of it may be touched, only our memory goes back.</summary>
    public void ReleaseLate()
    {
        ReleaseBuffer();
        if (!_rented.IsEmpty)
        {
            Release(ref _rented);
        }
    }
}
