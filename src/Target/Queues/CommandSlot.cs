using System.Runtime.CompilerServices;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;

namespace Nvmf.Target.Queues;

/// <summary>
/// Everything the target remembers about one command of a queue: made once per slot of the transport, kept while the slot is reused, so that a
/// command allocates nothing. It is the back end's request, the pool's waiter and the message to the loop in one.
/// </summary>
/// <remarks>
/// <code>
/// Idle ──OnCommand──► Running ──► completed or dropped ──► Idle
///                      ▲   │
///                      │   ├──► WaitingForBuffer ──(pool's thread: Post)──┐
///                      │   ├──► ReceivingData ──(OnDataReceived)──────────┤
///                      │   ├──► AtBackend ──(any thread: Post)────────────┤
///                      │   ├──► Yielded, AtOtherQueue ──(Post)────────────┤
///                      │   ├──► WaitingForPartner (fused) ────────────────┤
///                      └───┴──────────────────────────────────────────────┘
/// </code>
/// Everything but <see cref="BackendRequest.Complete"/> and the pool's callback happens on the queue pair's loop.
/// </remarks>
internal sealed partial class CommandSlot : BackendRequest, IThreadPoolWorkItem
{
    private BufferLease _buffer;
    private bool _tracksCommandId;
    private long _startedAt;

    public CommandSlot(TargetQueue queue, QueuePairCommand command)
    {
        Queue = queue;
        Command = command;
        _waiter = new SlotBufferWaiter(this);
    }

    public TargetQueue Queue { get; }

    public QueuePairCommand Command { get; }

    public CommandExecutor Executor { get; private set; } = null!;

    public SlotStage Stage { get; private set; }

    public ushort CommandId { get; private set; }

    /// <summary>The namespace that the command is using.</summary>
    public Namespace? Namespace { get; private set; }

    /// <summary>Of <see cref="PendingCommands"/>.</summary>
    public CommandSlot? NextPending { get; set; }

    /// <inheritdoc cref="NextPending"/>
    public CommandSlot? PreviousPending { get; set; }

    /// <summary>Progress of a command that takes several steps; its executor's to use.</summary>
    public CommandProgress Progress;

    /// <summary>Memory rented for this command: room for a response, for data of the host, for scratch.</summary>
    public BufferLease Buffer => _buffer;

    /// <summary>Dword 0 and 1 of the completion, for executors that decide before they end.</summary>
    public ulong Result { get; set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(CommandExecutor executor, ushort commandId)
    {
        Executor = executor;
        CommandId = commandId;
        _tracksCommandId = true;
        Stage = SlotStage.Running;
        Result = 0;
        ForceUnitAccess = false;
        Deallocate = false;
        IsPreempted = false;
        _startedAt = Queue.MeasuresDuration ? Queue.Target.Time.GetTimestamp() : 0;
    }

    /// <summary>A command whose identifier is in use: it must not free the identifier of the other.</summary>
    public void BeginDuplicate(ushort commandId)
    {
        CommandId = commandId;
        _tracksCommandId = false;
        _startedAt = 0;
        Stage = SlotStage.Running;
        Result = 0;
    }

    /// <summary>Another executor than that of the opcode goes on.</summary>
    public void HandOver(CommandExecutor executor) => Executor = executor;

    /// <summary>Completes with success and <see cref="Result"/>.</summary>
    public void Succeed()
    {
        ReleaseBuffer();
        CompletionQueueEntry completion = End(NvmeStatus.Success);
        Command.Complete(in completion);
    }

    /// <summary>Sends <see cref="Buffer"/>, then success and <see cref="Result"/>.</summary>
    public void SucceedWithBuffer()
    {
        BufferLease data = _buffer;
        _buffer = default;
        CompletionQueueEntry completion = End(NvmeStatus.Success);
        Command.CompleteWithData(in completion, data);
    }

    /// <summary>Sends what the back end lent, then success and <see cref="Result"/>.</summary>
    public void SucceedWithLent()
    {
        if (LentBytes != Command.DataLength)
        {
            Queue.OnWrongLoan(this);
            Fail(NvmeStatus.InternalError);
            return;
        }

        CompletionQueueEntry completion = End(NvmeStatus.Success);
        Command.CompleteWithData(in completion, Lent);
        ForgetLent();
    }

    /// <summary>Completes with an error that is nobody's fault, or not for good: the host may try again.</summary>
    public void Fail(NvmeStatus status)
    {
        ReleaseBuffer();
        Queue.CountError(this, status);
        CompletionQueueEntry completion = End(status);
        Command.Complete(in completion);
    }

    /// <summary>Completes with an error that the same command would get again: Do Not Retry.</summary>
    public void Reject(NvmeStatus status) => Fail(status.WithDoNotRetry());

    /// <summary>Ends the command without telling the host.</summary>
    public void Drop()
    {
        ReleaseBuffer();
        Retire();
        Command.Drop();
    }

    private CompletionQueueEntry End(NvmeStatus status)
    {
        if (_startedAt != 0)
        {
            RecordDuration();
        }

        Retire();
        return MakeCompletion(status);
    }

    private CompletionQueueEntry MakeCompletion(NvmeStatus status) => new()
    {
        Result = Result,
        SubmissionQueueHead = Queue.AdvanceHead(),
        SubmissionQueueId = Queue.QueueId,
        CommandId = CommandId,
        Status = status,
    };

    private void RecordDuration()
    {
        Queue.Target.Metrics.RecordDuration(Queue.IsAdmin, Command.Entry.Opcode, Queue.Target.Time.GetElapsedTime(_startedAt));
        _startedAt = 0;
    }

    private void Retire()
    {
        Stage = SlotStage.Idle;
        LeavePartner();
        Namespace = null;
        Data = default;
        HostData = default;
        Scratch = default;
        if (_tracksCommandId)
        {
            Queue.CommandIds.Remove(CommandId);
        }
    }
}
