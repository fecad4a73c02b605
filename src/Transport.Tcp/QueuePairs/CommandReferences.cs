using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>
/// References of kind Command, handed from one command to the next: a command that completes within a batch leaves its reference to the next one of the
/// batch, which saves two interlocked operations on the state word. What is left goes back at the end of the batch. On the loop only.
/// </summary>
internal sealed class CommandReferences(QueuePairLifecycle lifecycle)
{
    private int _spare;
    private bool _inBatch;

    /// <summary>A reference for a new command; false when a teardown has begun.</summary>
    public bool TryTake()
    {
        if (_spare > 0 && lifecycle.State == QueuePairState.Live)
        {
            _spare--;
            return true;
        }

        return lifecycle.TryAcquire(ReferenceKind.Command);
    }

    /// <summary>The reference of a command that ended. The last thing done with the queue pair when no batch is under way.</summary>
    public void Return()
    {
        if (_inBatch)
        {
            _spare++;
            return;
        }

        lifecycle.Release(ReferenceKind.Command);
    }

    public void BeginBatch() => _inBatch = true;

    public void EndBatch()
    {
        _inBatch = false;
        if (_spare > 0)
        {
            int spare = _spare;
            _spare = 0;
            lifecycle.Release(ReferenceKind.Command, spare);
        }
    }
}
