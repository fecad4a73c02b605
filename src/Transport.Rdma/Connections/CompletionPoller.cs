using Nvmf.EventLoop;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Connections;

/// <summary>
/// One completion queue on its loop: woken by its completion channel, polled until empty. Completions are looked up by slot and generation; those of shared
/// receives by queue pair number, which is trusted only while no completion of an earlier bearer can be left in the queue. On the loop only.
/// </summary>
/// <remarks>
/// A queue pair's number can be given out again as soon as it is destroyed. A new queue pair receives nothing before it is connected, so when one appears under
/// the number of another, polling until empty once, before the number is rewritten, leaves no old completion behind.
/// </remarks>
internal sealed class CompletionPoller : IEventLoopHandler, IThreadPoolWorkItem
{
    private const int BatchSize = 64;

    // Completions per turn before other descriptors of the loop have theirs.
    private const int TurnSize = 1024;
    private const int EventsPerAcknowledgement = 128;

    private readonly RdmaLoop _loop;
    private readonly AdapterCompletionQueue _queue;
    private readonly WorkCompletion[] _batch = new WorkCompletion[BatchSize];
    private readonly Dictionary<uint, RdmaConnection> _byNumber = [];
    private readonly List<RdmaConnection> _touched = [];
    private EventLoopRegistration _registration;
    private int _unacknowledged;
    private bool _polling;
    private bool _destroyed;

    public CompletionPoller(RdmaLoop loop, AdapterCompletionQueue queue, int entries)
    {
        _loop = loop;
        _queue = queue;
        Room = entries;
        _registration = loop.Thread.Register(queue.Descriptor, ReadyEvents.Readable, this);
        _ = queue.RequestNotification();
    }

    public AdapterCompletionQueue Queue => _queue;

    /// <summary>Entries not set aside for a queue pair: an overrun would kill them all.</summary>
    public int Room { get; private set; }

    /// <summary>The shared receive queue of the queue pairs here; null without.</summary>
    public SharedReceives? SharedReceives { get; set; }

    public void Reserve(int entries) => Room -= entries;

    public void Unreserve(int entries) => Room += entries;

    public void Add(RdmaConnection connection, uint number)
    {
        if (_byNumber.ContainsKey(number))
        {
            PollUntilEmpty();
        }

        _byNumber[number] = connection;
    }

    public void Remove(RdmaConnection connection, uint number)
    {
        if (_byNumber.TryGetValue(number, out RdmaConnection? bearer) && bearer == connection)
        {
            _byNumber.Remove(number);
        }
    }

    public void OnReady(ReadyEvents events)
    {
        while (_queue.TryGetEvent() >= 0)
        {
            _unacknowledged++;
        }

        if (_unacknowledged >= EventsPerAcknowledgement)
        {
            Acknowledge();
        }

        // Ask first, poll then: what comes after the last empty poll causes an event.
        _ = _queue.RequestNotification();
        Turn();
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (!_destroyed)
        {
            Turn();
        }
    }

    /// <summary>Handles everything that is in the queue now.</summary>
    public void PollUntilEmpty()
    {
        if (_destroyed)
        {
            // A queue pair that was given up came to its end after all, when the transport had gone.
            return;
        }

        if (_polling)
        {
            // From inside a completion's handler: the caller's poll goes on to the end by itself, but not before the handler returns. Take the rest here.
            while (PollBatch(new WorkCompletion[BatchSize]) > 0)
            {
            }

            return;
        }

        _polling = true;
        while (PollBatch(_batch) > 0)
        {
        }

        EndBatch();
    }

    public void Destroy()
    {
        _destroyed = true;
        _registration.Unregister();
        Acknowledge();
        SharedReceives?.Destroy();
        int result = _queue.Destroy();
        if (result < 0)
        {
            RdmaLog.NotDestroyed(_loop.Transport.Logger, "completion queue", ErrorText.Of(result));
        }
    }

    /// <summary>Nothing to do: the end of each connection polls what is left.</summary>
    public void OnLoopEnded()
    {
    }

    public void OnFailure(Exception exception)
    {
        // Connections catch what their handlers throw: this is a bug of ours. Nobody's completions must be lost for it.
        _polling = false;
        _loop.Thread.Post(this);
    }

    private void Turn()
    {
        if (_polling)
        {
            return;
        }

        _polling = true;
        int handled = 0, count;
        do
        {
            count = PollBatch(_batch);
            handled += count;
        }
        while (count > 0 && handled < TurnSize);
        EndBatch();
        if (count > 0)
        {
            _loop.Thread.Post(this);
        }
    }

    private void EndBatch()
    {
        _polling = false;
        for (int i = 0; i < _touched.Count; i++)
        {
            _touched[i].EndBatch();
        }

        _touched.Clear();
    }

    private int PollBatch(WorkCompletion[] batch)
    {
        int count = _queue.Poll(batch);
        _loop.Counters.Completions += Math.Max(count, 0);
        for (int i = 0; i < count; i++)
        {
            Dispatch(in batch[i]);
        }

        return Math.Max(count, 0);
    }

    private void Dispatch(in WorkCompletion completion)
    {
        var id = new WorkRequestId(completion.Id);
        if (id.Kind == WorkRequestKind.SharedReceive)
        {
            DispatchShared(id, in completion);
            return;
        }

        if (_loop.Connections.Find(id.Connection) is not { } connection)
        {
            _loop.Counters.LateCompletions++;
            return;
        }

        Touch(connection);
        if (id.Kind == WorkRequestKind.Receive)
        {
            connection.OnReceiveCompletion(id, in completion);
        }
        else
        {
            connection.OnSendCompletion(id, in completion);
        }
    }

    private void DispatchShared(WorkRequestId id, in WorkCompletion completion)
    {
        if (SharedReceives?.Take(id) is not { } slot)
        {
            _loop.Counters.LateCompletions++;
            return;
        }

        if (_byNumber.TryGetValue(completion.QueuePairNumber, out RdmaConnection? connection))
        {
            Touch(connection);
            connection.OnSharedReceiveCompletion(slot, in completion);
            return;
        }

        _loop.Counters.LateCompletions++;
        SharedReceives.Return(slot);
    }

    private void Touch(RdmaConnection connection)
    {
        if (connection.EnterBatch())
        {
            _touched.Add(connection);
        }
    }

    private void Acknowledge()
    {
        if (_unacknowledged > 0)
        {
            _queue.AcknowledgeEvents(_unacknowledged);
            _unacknowledged = 0;
        }
    }
}
