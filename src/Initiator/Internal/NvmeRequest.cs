using System.Threading.Tasks.Sources;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator.Internal;

/// <summary>A pooled, awaitable command. Its task ends after the transport released the data, never before (failure F4).</summary>
internal sealed partial class NvmeRequest : NvmeCommand, IThreadPoolWorkItem, IValueTaskSource, IValueTaskSource<CompletionQueueEntry>
{
    private readonly ReusePool<NvmeRequest> _home;
    private readonly RoomWaiter _roomWaiter;
    private ManualResetValueTaskSourceCore<CompletionQueueEntry> _core;
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellationToken;
    private NvmeQueue? _destination;
    private CompletionQueueEntry _completion;
    private Exception? _error;
    private bool _answered;
    private volatile bool _cancelRequested;

    public NvmeRequest(ReusePool<NvmeRequest> home)
    {
        _home = home;
        _roomWaiter = new RoomWaiter(this);
    }

    /// <summary>Link of the list the request is in: inbox or waiting.</summary>
    public NvmeRequest? Next { get; set; }

    public NvmeRequest? PreviousActive { get; set; }

    public NvmeRequest? NextActive { get; set; }

    public RequestStage Stage { get; set; }

    /// <summary>For messages: "Read".</summary>
    public string Name { get; set; } = "";

    /// <summary>An error status makes the task throw; otherwise it is part of the result.</summary>
    public bool ThrowsOnErrorStatus { get; set; }

    /// <summary>Called with a successful answer, before the data is released. On the loop.</summary>
    public Action? Answered { get; set; }

    /// <summary>Timestamp of the queue's time provider.</summary>
    public long Deadline { get; set; }

    public bool TimedOut { get; set; }

    public bool AbortSent { get; set; }

    public bool IsCancelRequested => _cancelRequested;

    /// <summary>The continuation of the task runs on the loop, as long as there is one.</summary>
    public bool EndsOnLoop { get; set; }

    /// <summary>Why it was not sent, or lost.</summary>
    public Exception? Error { set => _error = value; }

    /// <summary>Sends the request on its way. Any thread, once per renting.</summary>
    public void Start(NvmeQueue queue, CancellationToken cancellationToken)
    {
        _destination = queue;
        _cancellationToken = cancellationToken;
        // May run at once, on this thread; the flag is looked at when the request reaches the loop.
        _registration = cancellationToken.UnsafeRegister(static state => ((NvmeRequest)state!).Cancel(), this);
        queue.Enqueue(this);
    }

    public ValueTask<CompletionQueueEntry> ResultTask => new(this, _core.Version);

    public ValueTask Task => new(this, _core.Version);

    private void Cancel()
    {
        _cancelRequested = true;
        _destination!.RequestScan();
    }

    protected override void OnEnded(in CompletionQueueEntry completion, Exception? error)
    {
        Stage = RequestStage.Answered;
        _completion = completion;
        _answered = error is null;
        _error = error;
        if (_answered && completion.Status.IsSuccess)
        {
            Answered?.Invoke();
        }
    }

    protected override void OnDataReleased() =>
        _destination!.End(this, _error is null ? null : _destination.Broken(_error, mayHaveBeenSent: true));

    protected override void OnDataQuarantined()
    {
        // A copy of our own stays in quarantine, and its command may end. Memory that the caller would use again must not go back to him.
        if (_roomLength != 0 || Data.IsEmpty)
        {
            OnDataReleased();
        }
        else
        {
            _destination!.KeepForEver(this);
        }
    }

    /// <summary>The continuation of the task is somebody else's code: off the loop with it.</summary>
    public void EndOnThreadPool() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    void IThreadPoolWorkItem.Execute() => End();

    /// <summary>Ends the task; its continuation runs in this call.</summary>
    public void End()
    {
        // Waits for a callback that is just running, so that it cannot hit the next user of this object.
        _registration.Dispose();
        var failure = Failure();
        FinishData(success: failure is null && _completion.Status.IsSuccess);
        if (failure is null)
        {
            _core.SetResult(_completion);
        }
        else
        {
            _core.SetException(failure);
        }
    }

    private Exception? Failure()
    {
        if (_answered && _completion.Status.IsSuccess)
        {
            return null;
        }
        // A command that was taken back ends as aborted; one that failed by itself in the meantime keeps its own status.
        var takenBack = !_answered || _completion.Status.IsSameCode(NvmeStatus.AbortRequested);
        if (takenBack && TimedOut)
        {
            return new TimeoutException($"{Name} did not complete within its deadline.", _error);
        }

        if (takenBack && _cancelRequested && _error is null)
        {
            return new OperationCanceledException(_cancellationToken);
        }

        if (_error is not null)
        {
            return _error;
        }

        return ThrowsOnErrorStatus ? new NvmeException(Name, _completion) : null;
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    public CompletionQueueEntry GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            Reset();
            _home.Return(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Reset()
    {
        _core.Reset();
        _registration = default;
        _cancellationToken = default;
        _destination = null;
        _completion = default;
        _error = null;
        _answered = _cancelRequested = false;
        Stage = RequestStage.New;
        IsUrgent = TimedOut = AbortSent = EndsOnLoop = false;
        Entry = default;
        Data = default;
        Direction = DataDirection.None;
        Answered = null;
    }
}
