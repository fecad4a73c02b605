using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

/// <content>The end.</content>
internal sealed partial class VirtualQueuePair
{
    private int _unacknowledged;
    private bool _detached;

    /// <summary>Asynchronous events fetched and not acknowledged.</summary>
    public int Unacknowledged
    {
        get => _unacknowledged;
        set => Volatile.Write(ref _unacknowledged, value);
    }

    public override int ModifyToError()
    {
        lock (Fabric.Lock)
        {
            _object.Use("ibv_modify_qp");
            EnterError();
            return 0;
        }
    }

    public override void Detach()
    {
        lock (Fabric.Lock)
        {
            _object.Use("the id's queue pair");
            _detached = true;
        }
    }

    public override int Destroy()
    {
        _object.Use("ibv_destroy_qp");
        if (!_detached)
        {
            Fabric.Violate("ibv_destroy_qp of a queue pair that rdma_get_cm_event may touch");
        }

        if (!SpinWait.SpinUntil(() => Volatile.Read(ref _unacknowledged) == 0, Fabric.DeadlockTimeout))
        {
            Fabric.Violate("deadlock: ibv_destroy_qp while an asynchronous event of the queue pair is not acknowledged");
        }

        lock (Fabric.Lock)
        {
            _object.Destroy("ibv_destroy_qp");
            _completionQueue.Users--;
            _shared?.Users.Remove(this);
            _device.ForgetEvents(this);
            _sends.Clear();
            _receives.Clear();
            _device.ReturnNumber(Number);
            if (Peer is { } peer)
            {
                peer.Peer = null;
                Peer = null;

                // The peer's packets are answered by nobody any more.
                peer.Run();
            }

            return 0;
        }
    }

    /// <summary>To ERR: what is posted is flushed, signalled or not; a shared receive queue is not. Each time, also from ERR.</summary>
    public void EnterError()
    {
        if (_object.IsDestroyed)
        {
            return;
        }

        if (_state != State.Error || Fabric.FlushesWhatIsPostedLate)
        {
            Flush();
        }

        _state = State.Error;
        for (int i = 0; _shared is not null && i < Fabric.LastWorkRequestEvents; i++)
        {
            _device.Emit(AsyncEventType.LastWorkRequestReached, this);
        }
    }

    private void Flush()
    {
        while (_sends.TryDequeue(out var send))
        {
            Complete(new WorkCompletion { Id = send.Request.Id, Status = WorkCompletionStatus.Flushed, QueuePairNumber = Number }, send.Sequence);
        }

        while (_receives.TryDequeue(out ReceiveWorkRequest receive))
        {
            Complete(new WorkCompletion { Id = receive.Id, Status = WorkCompletionStatus.Flushed, QueuePairNumber = Number }, -1);
        }
    }
}
