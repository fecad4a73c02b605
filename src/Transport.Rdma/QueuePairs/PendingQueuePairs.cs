using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>
/// Queue pairs without an accepted Connect command. A newcomer above the limit closes the oldest, so idle connections cannot keep hosts out. Any thread.
/// </summary>
internal sealed class PendingQueuePairs(int limit)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<RdmaQueuePair> _oldestFirst = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _oldestFirst.Count;
            }
        }
    }

    public void Add(RdmaQueuePair queuePair)
    {
        RdmaQueuePair? oldest = null;
        lock (_lock)
        {
            _oldestFirst.AddLast(queuePair.PendingNode);
            if (_oldestFirst.Count > limit)
            {
                oldest = _oldestFirst.First!.Value;
                _oldestFirst.RemoveFirst();
            }
        }

        // Outside of the lock: a teardown may call back.
        oldest?.Close(
            TeardownCause.TimedOut,
            new ConnectionAbortedException($"More than {limit} connections without a Connect command, and this was the oldest."));
    }

    public void Remove(RdmaQueuePair queuePair)
    {
        lock (_lock)
        {
            if (queuePair.PendingNode.List is not null)
            {
                _oldestFirst.Remove(queuePair.PendingNode);
            }
        }
    }
}
