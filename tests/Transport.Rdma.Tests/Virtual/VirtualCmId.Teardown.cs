using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

/// <content>The end.</content>
internal sealed partial class VirtualCmId
{
    public override int Disconnect()
    {
        lock (Fabric.Lock)
        {
            _object.Use("rdma_disconnect");
            if (!_connected)
            {
                return -Errno.EINVAL;
            }

            BreakUp();
            return 0;
        }
    }

    public override int Destroy()
    {
        Fabric.DestroyingId?.Invoke();
        WaitForAcknowledgements("rdma_destroy_id");
        lock (Fabric.Lock)
        {
            if (_queuePair is { IsDestroyed: false })
            {
                Fabric.Violate("rdma_destroy_id before its queue pair was destroyed");
            }

            _object.Destroy("rdma_destroy_id");
            if (_listening)
            {
                Fabric.Listeners.Remove(_local!.Port);
            }

            if (_connected)
            {
                BreakUp();
            }
            else if (_peer is { } peer)
            {
                // A request that nobody answered.
                peer._peer = null;
                _peer = null;
                Fabric.Emit(new VirtualCmEvent(peer, peer._local is null ? ConnectionEventType.ConnectError : ConnectionEventType.Rejected) { Status = 8 });
            }

            Fabric.ForgetEvents(this);
            _channel.TakeEvents(this);
            return 0;
        }
    }

    /// <summary>Both ends hear of it, each once.</summary>
    public void BreakUp()
    {
        if (_disconnected)
        {
            return;
        }

        _disconnected = true;
        _queuePair?.EnterError();
        if (!_object.IsDestroyed)
        {
            Fabric.Emit(new VirtualCmEvent(this, ConnectionEventType.Disconnected));
            Fabric.Emit(new VirtualCmEvent(this, ConnectionEventType.TimewaitExit));
        }

        if (_peer is { _disconnected: false, _object.IsDestroyed: false } peer)
        {
            Fabric.Emit(new VirtualCmEvent(peer, ConnectionEventType.Disconnected));
            if (Fabric.PeerGoesToError)
            {
                peer._queuePair?.EnterError();
            }
        }
    }

    private void WaitForAcknowledgements(string call)
    {
        if (!SpinWait.SpinUntil(() => Volatile.Read(ref _unacknowledged) == 0, Fabric.DeadlockTimeout))
        {
            Fabric.Violate($"deadlock: {call} while an event of the id is not acknowledged");
        }
    }
}
