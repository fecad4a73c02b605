using System.Collections.Concurrent;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Target.Queues;

/// <summary>
/// The fences on their way to one queue: one message, and so one event reference of the queue pair, for however many namespaces are removed at a time. A queue pair has
/// 1023 event references; a fence that needed one of its own could be refused by a queue whose commands are still at the back end, and pass too early.
/// </summary>
internal sealed class NamespaceFences(TargetQueue queue) : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<NamespaceFence> _onTheirWay = [];
    private int _posted;

    /// <summary>Any thread.</summary>
    public void Send(NamespaceFence fence)
    {
        // The fence first: the message that is on its way looks at the mark first.
        _onTheirWay.Enqueue(fence);
        if (Interlocked.Exchange(ref _posted, 1) == 0 && !queue.TryPostEvent(this))
        {
            Volatile.Write(ref _posted, 0);
            _ = PassAtEndAsync();
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _posted, 0);
        while (_onTheirWay.TryDequeue(out NamespaceFence? fence))
        {
            queue.AddFence(fence);
        }

        queue.QueuePair.Lifecycle.Release(ReferenceKind.Event);
    }

    /// <summary>Refused: the queue pair is closed, or nearly. Past its end it runs no command.</summary>
    private async Task PassAtEndAsync()
    {
        await queue.QueuePair.Lifecycle.Completion.ConfigureAwait(false);
        while (_onTheirWay.TryDequeue(out NamespaceFence? fence))
        {
            fence.Pass();
        }
    }
}
