using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Initiator.Internal;

/// <summary>
/// Requests of one queue whose tasks end on its loop: all that end in one batch of the loop together, after it. So a continuation never runs inside a callback of the
/// transport, and one that sends the next command and ends with it at once does not nest. On the loop only; after the end of the queue pair, any thread.
/// </summary>
internal sealed class LoopEndings(HostQueuePair pair) : IThreadPoolWorkItem
{
    private RequestList _ended;

    public void Add(NvmeRequest request)
    {
        // One reference, and one place in the loop's mailbox, for all that come until it is their turn.
        if (_ended.IsEmpty)
        {
            if (!pair.Lifecycle.TryAcquire(ReferenceKind.Event))
            {
                // The loop may be gone.
                request.EndOnThreadPool();
                return;
            }

            pair.Post(this);
        }

        _ended.Append(request);
    }

    public void Execute()
    {
        var ended = _ended;
        _ended = default;
        try
        {
            while (ended.TakeFirst() is { } request)
            {
                request.End();
            }
        }
        finally
        {
            // A continuation that throws takes nobody with it.
            while (ended.TakeFirst() is { } request)
            {
                request.EndOnThreadPool();
            }

            pair.Lifecycle.Release(ReferenceKind.Event);
        }
    }
}
