using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Memory;

namespace Nvmf.Transport.Rdma.Connections;

/// <content>The receive queue, of its own or shared.</content>
internal sealed partial class RdmaConnection
{
    private static readonly TimeSpan ReceiveRetryInterval = TimeSpan.FromMilliseconds(5);

    private readonly ReceiveTimer _receiveTimer;
    private ReceiveBuffers? _receives;
    private ReceiveSlot? _unposted;
    private int _receivesPosted;

    public void OnReceiveCompletion(WorkRequestId id, in WorkCompletion completion)
    {
        if (_receives is null || id.Slot >= _receives.Count || _receives[id.Slot] is not { Posted: true } slot || slot.Generation != id.SlotGeneration)
        {
            _loop.Counters.LateCompletions++;
            return;
        }

        slot.Posted = false;
        _receivesPosted--;
        _retiredReceives++;
        Receive(slot, in completion);
    }

    public void OnSharedReceiveCompletion(ReceiveSlot slot, in WorkCompletion completion) => Receive(slot, in completion);

    /// <summary>The owner is done with the slot: it is posted again, before any answer to its capsule goes out, because the peer may use it then.</summary>
    public void ReturnReceive(ReceiveSlot slot)
    {
        if (_shape.Shared)
        {
            _poller!.SharedReceives!.Return(slot);
            return;
        }

        slot.InUse = false;
        if (_receives!.IsFreed)
        {
            ReceiveBuffers.FreeLate(slot);
        }
        else
        {
            PostReceive(slot);
        }
    }

    private void Receive(ReceiveSlot slot, in WorkCompletion completion)
    {
        slot.InUse = true;
        if (_abandoned)
        {
            // Its memory is in quarantine: nothing is read from there.
            _loop.Counters.LateCompletions++;
            ReturnReceive(slot);
            return;
        }

        if (completion.Status != WorkCompletionStatus.Success)
        {
            OnBroken(in completion);
            ReturnReceive(slot);
            return;
        }

        slot.Length = (int)completion.Length;
        try
        {
            if (completion.Flags == WorkCompletionFlags.None)
            {
                _owner.OnReceived(slot);
            }
            else
            {
                // The length may be that of an RDMA write, and the slot hold what an earlier message left there.
                ReturnReceive(slot);
                _owner.OnFault(
                    (completion.Flags & WorkCompletionFlags.WithInvalidate) != 0 ? "a message that invalidates a key of ours" : "a message with immediate data");
            }
        }
        catch (Exception exception)
        {
            OnFailure(exception);
        }
    }

    private void PostReceive(ReceiveSlot slot)
    {
        // Behind a flushed receive none is of use, and not every adapter would flush it, too.
        if (_postingEnded || _peerGone)
        {
            return;
        }

        if (!_receives!.TryRenew(slot))
        {
            // Meanwhile the peer's sends are retried by the adapters (RNR).
            slot.Next = _unposted;
            _unposted = slot;
            _receiveTimer.Start(ReceiveRetryInterval);
            return;
        }

        if (!Lifecycle.TryAcquire(ReferenceKind.PostedReceive))
        {
            return;
        }

        slot.Generation++;
        slot.Posted = true;
        _receivesPosted++;
        ReceiveWorkRequest request = _receives.Describe(slot, new WorkRequestId(_handle, WorkRequestKind.Receive, slot.Index, slot.Generation).Value);
        int result = _queuePair!.PostReceive(new ReadOnlySpan<ReceiveWorkRequest>(in request), out int posted);
        if (result < 0 && posted == 0)
        {
            slot.Posted = false;
            _receivesPosted--;
            Lifecycle.BeginTeardown(TeardownCause.InternalError, ErrorText.Exception("ibv_post_recv", result));
            Lifecycle.Release(ReferenceKind.PostedReceive);
        }
    }

    private void RetryReceives()
    {
        ReceiveSlot? slot = _unposted;
        _unposted = null;
        while (slot is not null)
        {
            ReceiveSlot? next = slot.Next;
            slot.Next = null;
            PostReceive(slot);
            slot = next;
        }
    }

    /// <summary>Looks again for the memory that a receive needs.</summary>
    private sealed class ReceiveTimer(RdmaConnection connection) : LoopTimer(connection._loop.Thread)
    {
        protected internal override void OnDue() => connection.RetryReceives();

        public override void OnFailure(Exception exception) => connection.OnFailure(exception);
    }
}
