using System.Runtime.InteropServices;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

internal sealed class VirtualEventChannel : CmEventChannel
{
    private readonly Signal _signal = new();
    private readonly Queue<VirtualCmEvent> _events = new();
    private readonly Dictionary<nint, VirtualCmEvent> _fetched = [];
    private readonly VirtualObject _object;
    private nint _lastToken;

    public VirtualEventChannel(VirtualStack stack)
    {
        Stack = stack;
        _object = new VirtualObject(stack.VirtualDevice, this, "CM event channel");
    }

    public VirtualStack Stack { get; }

    public override SafeHandle Descriptor => _signal.Descriptor;

    private VirtualFabric Fabric => Stack.Fabric;

    public override int CreateId(out CmId? id)
    {
        lock (Fabric.Lock)
        {
            _object.Use("rdma_create_id");
            id = new VirtualCmId(this);
            return 0;
        }
    }

    public override int TryGetEvent(out CmEvent cmEvent)
    {
        lock (Fabric.Lock)
        {
            _object.Use("rdma_get_cm_event");
            cmEvent = default;
            if (!_events.TryDequeue(out VirtualCmEvent? next))
            {
                return -Errno.EAGAIN;
            }

            _signal.Set(_events.Count > 0);
            _fetched.Add(++_lastToken, next);
            next.Id.Unacknowledged++;
            if (next.Listener is { } listener)
            {
                listener.Unacknowledged++;
            }

            cmEvent = next.ToEvent(_lastToken);
            return 0;
        }
    }

    public override void Acknowledge(in CmEvent cmEvent)
    {
        lock (Fabric.Lock)
        {
            _object.Use("rdma_ack_cm_event");
            if (!_fetched.Remove(cmEvent.Token, out VirtualCmEvent? fetched))
            {
                Fabric.Violate("rdma_ack_cm_event twice for one event");
                return;
            }

            fetched.Id.Unacknowledged--;
            if (fetched.Listener is { } listener)
            {
                listener.Unacknowledged--;
            }
        }
    }

    public override void Destroy()
    {
        lock (Fabric.Lock)
        {
            if (_fetched.Count > 0)
            {
                Fabric.Violate("rdma_destroy_event_channel with events not acknowledged");
            }

            _object.Destroy("rdma_destroy_event_channel");
            _signal.Close();
        }
    }

    public void Enqueue(VirtualCmEvent cmEvent)
    {
        _events.Enqueue(cmEvent);
        _signal.Set(true);
    }

    /// <summary>Drops or takes away what nobody has fetched of an id.</summary>
    public List<VirtualCmEvent> TakeEvents(VirtualCmId id)
    {
        List<VirtualCmEvent> taken = [.. _events.Where(waiting => waiting.Id == id)];
        VirtualCmEvent[] rest = [.. _events.Where(waiting => waiting.Id != id)];
        _events.Clear();
        Array.ForEach(rest, _events.Enqueue);
        _signal.Set(_events.Count > 0);
        return taken;
    }
}
