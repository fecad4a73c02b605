using System.Runtime.InteropServices;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

internal sealed class VirtualCompletionQueue : AdapterCompletionQueue
{
    private readonly VirtualDevice _device;
    private readonly int _entries;
    private readonly Signal _signal = new();
    private readonly Queue<(WorkCompletion Completion, VirtualQueuePair? Sender, long Sequence)> _completions = new();
    private readonly VirtualObject _object;
    private bool _armed;
    private int _events;
    private int _unacknowledged;

    public VirtualCompletionQueue(VirtualDevice device, int entries)
    {
        _device = device;
        _entries = entries;
        _object = new VirtualObject(device, this, "completion queue");
    }

    public int Users { get; set; }

    public override SafeHandle Descriptor => _signal.Descriptor;

    public override int Poll(Span<WorkCompletion> completions)
    {
        lock (_device.Fabric.Lock)
        {
            _object.Use("ibv_poll_cq");
            int count = 0;
            while (count < completions.Length && _completions.TryDequeue(out var entry))
            {
                completions[count++] = entry.Completion;
                entry.Sender?.OnPolled(entry.Sequence);
            }

            return count;
        }
    }

    public override int RequestNotification()
    {
        lock (_device.Fabric.Lock)
        {
            _object.Use("ibv_req_notify_cq");
            _armed = true;
            return 0;
        }
    }

    public override int TryGetEvent()
    {
        lock (_device.Fabric.Lock)
        {
            _object.Use("ibv_get_cq_event");
            if (_events == 0)
            {
                return -Errno.EAGAIN;
            }

            _events--;
            _unacknowledged++;
            _signal.Set(_events > 0);
            return 0;
        }
    }

    public override void AcknowledgeEvents(int count)
    {
        lock (_device.Fabric.Lock)
        {
            _object.Use("ibv_ack_cq_events");
            if (count > _unacknowledged)
            {
                _device.Fabric.Violate("ibv_ack_cq_events for more events than were fetched");
            }

            _unacknowledged -= count;
        }
    }

    public override int Destroy()
    {
        lock (_device.Fabric.Lock)
        {
            if (_unacknowledged > 0)
            {
                _device.Fabric.Violate("deadlock: ibv_destroy_cq with events not acknowledged");
            }

            if (Users > 0)
            {
                return -Errno.EBUSY;
            }

            _object.Destroy("ibv_destroy_cq");
            _signal.Close();
            return 0;
        }
    }

    /// <summary>Under the fabric's lock.</summary>
    public void Add(WorkCompletion completion, VirtualQueuePair? sender, long sequence)
    {
        if (_object.IsDestroyed)
        {
            return;
        }

        if (_completions.Count == _entries)
        {
            _device.Fabric.Violate("a completion queue overran");
        }

        _completions.Enqueue((completion, sender, sequence));
        if (_armed)
        {
            _armed = false;
            _events++;
            _signal.Set(true);
        }
    }
}
