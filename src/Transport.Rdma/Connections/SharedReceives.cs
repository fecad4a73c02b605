using Nvmf.EventLoop;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Memory;

namespace Nvmf.Transport.Rdma.Connections;

/// <summary>A shared receive queue and its memory. What is posted belongs to no queue pair until it completes. On the loop only.</summary>
internal sealed class SharedReceives
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(5);

    private readonly RdmaLoop _loop;
    private readonly AdapterReceiveQueue _queue;
    private readonly ReceiveBuffers _buffers;
    private readonly RetryTimer _retryTimer;
    private ReceiveSlot? _waiting;

    public SharedReceives(RdmaLoop loop, AdapterReceiveQueue queue, ReceiveBuffers buffers)
    {
        _loop = loop;
        _queue = queue;
        _buffers = buffers;
        _retryTimer = new RetryTimer(this);
        loop.Counters.SharedReceiveBytes += buffers.Bytes;
        for (int i = 0; i < buffers.Count; i++)
        {
            Return(buffers[i]);
        }
    }

    public AdapterReceiveQueue Queue => _queue;

    /// <summary>Receives that the adapter has.</summary>
    public int Posted { get; private set; }

    /// <summary>The slot that a completion is of; null when it has moved on. Not posted any more.</summary>
    public ReceiveSlot? Take(WorkRequestId id)
    {
        if (id.Slot >= _buffers.Count || _buffers[id.Slot] is not { Posted: true } slot || slot.Generation != id.SlotGeneration)
        {
            return null;
        }

        slot.Posted = false;
        Posted--;
        _loop.Counters.SharedReceivesPosted--;
        return slot;
    }

    /// <summary>Posts a slot, or keeps it until there is memory for it.</summary>
    public void Return(ReceiveSlot slot)
    {
        slot.InUse = false;
        if (_buffers.IsFreed)
        {
            ReceiveBuffers.FreeLate(slot);
            return;
        }

        slot.Next = _waiting;
        _waiting = slot;
        PostWaiting();
    }

    /// <summary>After the queue pairs.</summary>
    public void Destroy()
    {
        _retryTimer.Stop();
        int result = _queue.Destroy();
        _loop.Counters.SharedReceiveBytes -= _buffers.Bytes;
        _loop.Counters.SharedReceivesPosted -= Posted;
        if (result < 0)
        {
            RdmaLog.NotDestroyed(_loop.Transport.Logger, "shared receive queue", ErrorText.Of(result));
            _loop.Counters.QuarantinedBytes += _buffers.Quarantine();
            return;
        }

        _buffers.Free();
    }

    private void PostWaiting()
    {
        while (_waiting is { } next && TryPost(next))
        {
            _waiting = next.Next;
            next.Next = null;
        }

        // Not by the next one that is returned: when none is posted, none comes any more, and every host would wait for ever.
        if (_waiting is not null && !_retryTimer.IsArmed)
        {
            _retryTimer.Start(RetryInterval);
        }
    }

    private bool TryPost(ReceiveSlot slot)
    {
        if (!_buffers.TryRenew(slot))
        {
            return false;
        }

        slot.Generation++;
        var id = new WorkRequestId(default, WorkRequestKind.SharedReceive, slot.Index, slot.Generation);
        ReceiveWorkRequest request = _buffers.Describe(slot, id.Value);
        slot.Posted = true;
        if (_queue.PostReceive(new ReadOnlySpan<ReceiveWorkRequest>(in request), out int posted) < 0 && posted == 0)
        {
            slot.Posted = false;
            return false;
        }

        Posted++;
        _loop.Counters.SharedReceivesPosted++;
        return true;
    }

    /// <summary>Looks again for the memory that receives need.</summary>
    private sealed class RetryTimer(SharedReceives receives) : LoopTimer(receives._loop.Thread)
    {
        protected internal override void OnDue() => receives.PostWaiting();

        public override void OnFailure(Exception exception) => receives._loop.OnFailure(exception);
    }
}
