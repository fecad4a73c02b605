using Nvmf.EventLoop.Native;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

/// <content>The send queue: carried out in order.</content>
internal sealed partial class VirtualQueuePair
{
    /// <summary>What the transport never posts: IBV_WR_RDMA_WRITE_WITH_IMM, IBV_WR_SEND_WITH_IMM.</summary>
    public const SendOpcode RdmaWriteWithImmediate = (SendOpcode)1, SendWithImmediate = (SendOpcode)3;

    private readonly Queue<(SendWorkRequest Request, long Sequence)> _sends = new();
    private readonly Queue<long> _unpolledReads = new();
    private long _posted;
    private long _polled;
    private int _readDepth;

    /// <summary>Completions of this send queue wait for <see cref="VirtualFabric.DeliverCompletions"/>.</summary>
    public bool HoldSendCompletions { get; set; }

    /// <summary>Requests that are still taken; all when null.</summary>
    public int? Takes { get; set; }

    public override int PostSend(ReadOnlySpan<SendWorkRequest> chain, out int posted)
    {
        lock (Fabric.Lock)
        {
            _object.Use("ibv_post_send");
            posted = 0;
            if (_state == State.Init)
            {
                return -Errno.EINVAL;
            }

            foreach (SendWorkRequest request in chain)
            {
                if (_posted - _polled >= _attributes.SendDepth || Takes-- <= 0)
                {
                    Run();
                    return -Errno.ENOMEM;
                }

                if (request.Opcode == SendOpcode.RdmaRead)
                {
                    _unpolledReads.Enqueue(_posted);
                    if (_unpolledReads.Count > _readDepth)
                    {
                        Fabric.Violate($"{_unpolledReads.Count} reads under way, {_readDepth} agreed to");
                    }
                }

                _sends.Enqueue((request, _posted++));
                posted++;
            }

            Run();
            return 0;
        }
    }

    public void OnPolled(long sequence)
    {
        _polled = Math.Max(_polled, sequence + 1);
        while (_unpolledReads.TryPeek(out long read) && read < _polled)
        {
            _unpolledReads.Dequeue();
        }
    }

    /// <summary>Carries out what is in the send queue, as far as the peer has receives for it.</summary>
    public void Run()
    {
        if (_object.IsDestroyed)
        {
            return;
        }

        if (_state == State.Error)
        {
            if (Fabric.FlushesWhatIsPostedLate)
            {
                Flush();
            }

            return;
        }

        if (Fabric.HoldTransfers)
        {
            Fabric.Ready.Add(this);
            return;
        }

        while (_state == State.ReadyToSend && _sends.TryPeek(out var next))
        {
            if (Peer is not { } peer || peer._state == State.Error)
            {
                // Nobody acknowledges: retries run out. Only when something is under way.
                Fail(next.Request, next.Sequence, WorkCompletionStatus.RetryExceeded);
                return;
            }

            if (peer._state == State.Init)
            {
                return;
            }

            if (next.Request.Opcode is not (SendOpcode.RdmaWrite or SendOpcode.RdmaRead) && !peer.HasReceive)
            {
                return;
            }

            WorkCompletionStatus status = Execute(peer, next.Request);
            if (status != WorkCompletionStatus.Success)
            {
                Fail(next.Request, next.Sequence, status);
                return;
            }

            _sends.Dequeue();
            if (next.Request.Signaled)
            {
                Complete(new WorkCompletion { Id = next.Request.Id, QueuePairNumber = Number }, next.Sequence);
            }
        }
    }

    private WorkCompletionStatus Execute(VirtualQueuePair peer, in SendWorkRequest request)
    {
        bool reading = request.Opcode == SendOpcode.RdmaRead;
        if (!VirtualMemory.IsLocal(_device, request.First, reading) || !VirtualMemory.IsLocal(_device, request.Second, reading))
        {
            return WorkCompletionStatus.LocalProtectionError;
        }

        ulong length = (ulong)request.First.Length + request.Second.Length;
        if (request.Opcode is SendOpcode.RdmaWrite or SendOpcode.RdmaRead or RdmaWriteWithImmediate)
        {
            MemoryAccess access = reading ? MemoryAccess.RemoteRead : MemoryAccess.RemoteWrite;
            // Of no bytes the key is not looked at.
            if (length > 0 && peer._device.FindRemote(request.RemoteKey)?.Covers(request.RemoteAddress, (uint)length, access) != true)
            {
                return WorkCompletionStatus.RemoteAccessError;
            }

            VirtualMemory.Copy(request, request.RemoteAddress, toRemote: !reading);
            return request.Opcode == RdmaWriteWithImmediate ? peer.ReceiveNotice((uint)length) : WorkCompletionStatus.Success;
        }

        if (request.Opcode == SendOpcode.SendWithInvalidate)
        {
            if (peer._device.FindRemote(request.RemoteKey) is not { } region)
            {
                return WorkCompletionStatus.RemoteOperationError;
            }

            region.IsInvalidated = true;
        }

        return peer.Receive(request);
    }

    private void Fail(in SendWorkRequest request, long sequence, WorkCompletionStatus status)
    {
        _sends.Dequeue();
        Complete(new WorkCompletion { Id = request.Id, Status = status, QueuePairNumber = Number }, sequence);
        EnterError();
    }
}
