using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Conformance.Tests.QueuePairs;

/// <summary>A command without data; the handler gives it its meaning.</summary>
internal sealed class ProbeCommand : HostCommand, IThreadPoolWorkItem
{
    private readonly TaskCompletionSource<Exception?> _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HostQueuePair _queuePair;

    public ProbeCommand(HostQueuePair queuePair)
    {
        _queuePair = queuePair;
        Entry.Opcode = (byte)AdminOpcode.KeepAlive;
    }

    /// <summary>Null when it was answered, otherwise why it was not.</summary>
    public Task<Exception?> Completed => _completed.Task.WithinLimit();

    public Task Released => _released.Task.WithinLimit();

    /// <summary>Submits it; completes with an exception when the queue pair is not live any more.</summary>
    public ProbeCommand Submit()
    {
        if (!_queuePair.Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            Refuse();
        }
        else
        {
            _queuePair.Post(this);
        }

        return this;
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_queuePair.TrySubmit(this))
        {
            _queuePair.Flush();
        }
        else
        {
            Refuse();
        }

        _queuePair.Lifecycle.Release(ReferenceKind.Event);
    }

    public override void OnCompleted(in CompletionQueueEntry completion, Exception? error) => _completed.SetResult(error);

    public override void OnReleased() => _released.SetResult();

    private void Refuse()
    {
        _completed.SetResult(new InvalidOperationException("not live"));
        _released.SetResult();
    }
}
