using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>
/// Queue pairs without an accepted Connect command, oldest first. A newcomer above the limit closes the oldest: idle sockets cannot keep hosts out,
/// because a host that means it is through long before it is the oldest.
/// </summary>
internal sealed class PendingConnections(int limit)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TcpQueuePair> _oldestFirst = [];
    private readonly Dictionary<TcpQueuePair, LinkedListNode<TcpQueuePair>> _nodes = [];

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

    /// <summary>Adds a queue pair just accepted. Any thread.</summary>
    public void Add(TcpQueuePair queuePair)
    {
        TcpQueuePair? evicted = null;
        lock (_lock)
        {
            _nodes.Add(queuePair, _oldestFirst.AddLast(queuePair));
            if (_oldestFirst.Count > limit)
            {
                evicted = _oldestFirst.First!.Value;
                _oldestFirst.RemoveFirst();
                _nodes.Remove(evicted);
            }
        }

        // Outside of the lock: a teardown may call back.
        evicted?.Close(
            TeardownCause.TimedOut,
            new ConnectionAbortedException($"More than {limit} connections without a Connect command, and this was the oldest."));
    }

    /// <summary>The queue pair is connected, or gone. Any thread, any number of times.</summary>
    public void Remove(TcpQueuePair queuePair)
    {
        lock (_lock)
        {
            if (_nodes.Remove(queuePair, out LinkedListNode<TcpQueuePair>? node))
            {
                _oldestFirst.Remove(node);
            }
        }
    }
}
