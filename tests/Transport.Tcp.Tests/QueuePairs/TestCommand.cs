using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>A host command whose two ends can be awaited.</summary>
internal sealed class TestCommand : HostCommand
{
    private readonly TaskCompletionSource<CompletionQueueEntry> _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static TimeSpan Patience => TimeSpan.FromSeconds(60);

    public Task<CompletionQueueEntry> Completed => _completed.Task.WaitAsync(Patience);

    public Task Released => _released.Task.WaitAsync(Patience);

    /// <summary>What the controller answered; for tests that run on the loop and need not wait.</summary>
    public CompletionQueueEntry? Answer { get; private set; }

    /// <summary>Why there was no answer.</summary>
    public Exception? Error { get; private set; }

    /// <summary>What the owner does when it hears of the release.</summary>
    public Action? Releasing { get; set; }

    public bool IsReleased => _released.Task.IsCompleted;

    public bool IsQuarantined { get; private set; }

    public static TestCommand Io(byte opcode, BufferLease data, DataDirection direction, ulong lba = 0) => new()
    {
        Entry = new SubmissionQueueEntry { Opcode = opcode, NamespaceId = 1, StartingLba = lba },
        Data = data,
        Direction = direction,
    };

    public static TestCommand Connect(BufferLease data, ushort qid, ushort sqsize, bool noFlowControl = false) => new()
    {
        Entry = new SubmissionQueueEntry
        {
            Opcode = 0x7F,
            FabricsCommandType = FabricsCommandType.Connect,
            Dword10 = (uint)qid << 16,
            Dword11 = sqsize | (noFlowControl ? 0x40000u : 0),
        },
        Data = data,
        Direction = DataDirection.HostToController,
    };

    public override void OnCompleted(in CompletionQueueEntry completion, Exception? error)
    {
        Assert.False(_released.Task.IsCompleted);
        Answer = error is null ? completion : null;
        Error = error;
        bool first = error is null ? _completed.TrySetResult(completion) : _completed.TrySetException(error);
        Assert.True(first, "Completed twice.");
        _ = _completed.Task.Exception;
    }

    public override void OnReleased()
    {
        Assert.True(_completed.Task.IsCompleted);
        Assert.True(_released.TrySetResult(), "Released twice.");
        Releasing?.Invoke();
    }

    public override void OnQuarantined()
    {
        Assert.True(_completed.Task.IsCompleted);
        Assert.False(IsReleased || IsQuarantined);
        IsQuarantined = true;
    }

    /// <summary>Submits from outside of the loop; false when the queue pair is not live.</summary>
    public Task<bool> SubmitAsync(HostQueuePair queuePair)
    {
        var submitted = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!queuePair.Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            return Task.FromResult(false);
        }

        queuePair.Post(new Item(() =>
        {
            try
            {
                submitted.SetResult(queuePair.TrySubmit(this));
                queuePair.Flush();
            }
            catch (Exception exception)
            {
                submitted.SetException(exception);
            }

            queuePair.Lifecycle.Release(ReferenceKind.Event);
        }));
        return submitted.Task.WaitAsync(Patience);
    }

    private sealed class Item(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }
}
