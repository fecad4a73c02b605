using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Rdma.Tests.HostQueuePairs;

/// <summary>A host's command that looks at the order of its ends: completed, then released or quarantined, each once.</summary>
internal sealed class ProbeCommand : HostCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TaskCompletionSource<CompletionQueueEntry> _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ProbeCommand(byte opcode, DataDirection direction = DataDirection.None, BufferLease data = default)
    {
        Entry = new SubmissionQueueEntry { Opcode = opcode, NamespaceId = 1 };
        Direction = direction;
        Data = data;
    }

    public Task<CompletionQueueEntry> Completed => _completed.Task.WaitAsync(Patience);

    /// <summary>False: released. True: quarantined.</summary>
    public Task<bool> Ended => _ended.Task.WaitAsync(Patience);

    public bool IsCompleted => _completed.Task.IsCompleted;

    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>Called when it has ended, and may throw.</summary>
    public Action? Ending { get; set; }

    /// <summary>Called when it is completed, and may throw.</summary>
    public Action? Completing { get; set; }

    public override void OnCompleted(in CompletionQueueEntry completion, Exception? error)
    {
        Assert.False(HasEnded);
        Assert.True(error is null ? _completed.TrySetResult(completion) : _completed.TrySetException(error), "Completed twice.");
        _ = _completed.Task.Exception;
        Completing?.Invoke();
    }

    public override void OnReleased() => End(quarantined: false);

    public override void OnQuarantined() => End(quarantined: true);

    /// <summary>Submits on the loop.</summary>
    public async Task<bool> SubmitAsync(HostQueuePair queuePair)
    {
        var submitted = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!queuePair.Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            return false;
        }

        queuePair.Post(new LoopAction(() =>
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
            finally
            {
                queuePair.Lifecycle.Release(ReferenceKind.Event);
            }
        }));
        return await submitted.Task.WaitAsync(Patience);
    }

    private void End(bool quarantined)
    {
        Assert.True(IsCompleted, "Ended before it was completed.");
        Assert.True(_ended.TrySetResult(quarantined), "Ended twice.");
        Ending?.Invoke();
    }
}
