using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Memory;
using Nvmf.Transport.Rdma.QueuePairs;

namespace Nvmf.Transport.Rdma.Connections;

/// <summary>An event loop with its channel of the connection manager, its completion queues and its connections. On the loop, but for what says otherwise.</summary>
internal sealed class RdmaLoop : IEventLoopHandler
{
    private const int CapsuleHeaderSize = 64;

    // Events per turn before other descriptors of the loop have theirs: hosts choose how many connection requests there are.
    private const int TurnSize = 64;

    private readonly Dictionary<DeviceContext, List<CompletionPoller>> _pollers = [];
    private EventLoopRegistration _registration;

    public RdmaLoop(RdmaTransport transport, EventLoopThread thread, CmEventChannel channel)
    {
        Transport = transport;
        Thread = thread;
        Channel = channel;
    }

    public RdmaTransport Transport { get; }

    public EventLoopThread Thread { get; }

    public CmEventChannel Channel { get; }

    public ConnectionTable Connections { get; } = new();

    public RdmaCounters Counters { get; } = new();

    /// <summary>Room for one chain: posting copies it.</summary>
    public SendWorkRequest[] Chain { get; } = new SendWorkRequest[SendWorkRequest.MaxChain];

    public void Start() => _registration = Thread.Register(Channel.Descriptor, ReadyEvents.Readable, this);

    public void OnReady(ReadyEvents events)
    {
        for (int i = 0; i < TurnSize && Channel.TryGetEvent(out CmEvent cmEvent) >= 0; i++)
        {
            Dispatch(in cmEvent);
        }
    }

    public void OnLoopEnded() => Transport.OnLoopEnded(this);

    public void OnFailure(Exception exception) => RdmaLog.HandlerFailed(Transport.Logger, exception, Thread.Name);

    /// <summary>A completion queue with room for a queue pair's work requests.</summary>
    /// <returns>0 or a negative errno.</returns>
    public int TryReserve(DeviceContext device, int entries, bool shared, out CompletionPoller? poller)
    {
        if (!_pollers.TryGetValue(device, out List<CompletionPoller>? pollers))
        {
            _pollers[device] = pollers = [];
        }

        poller = pollers.Find(candidate => candidate.Room >= entries && (candidate.SharedReceives is not null || !shared));
        if (poller is null)
        {
            int result = TryMakePoller(device, entries, shared, out poller);
            if (result < 0)
            {
                return result;
            }

            pollers.Add(poller!);
        }

        poller!.Reserve(entries);
        return 0;
    }

    /// <summary>All connections are gone. Ends completion queues and channel.</summary>
    public void Stop()
    {
        foreach (CompletionPoller poller in _pollers.Values.SelectMany(static pollers => pollers))
        {
            poller.Destroy();
        }

        _pollers.Clear();
        _registration.Unregister();
        Channel.Destroy();
    }

    // Invariant I5: reference while un-acknowledged, copy (the event is one), acknowledge, process. Until the acknowledgement rdma_destroy_id blocks, so the id
    // and its owner are there; after it only the reference keeps the owner.
    private void Dispatch(in CmEvent cmEvent)
    {
        if (cmEvent.Type == ConnectionEventType.ConnectRequest)
        {
            var listener = cmEvent.ListenId?.Owner as RdmaListener;
            Channel.Acknowledge(in cmEvent);
            if (listener is null)
            {
                RdmaListener.Refuse(cmEvent.Id, RejectReason.NoResources);
            }
            else
            {
                // Listeners end on this loop only: it is there until this returns.
                listener.OnConnectRequest(in cmEvent);
            }

            return;
        }

        object? owner = cmEvent.Id.Owner;
        bool alive = owner is RdmaConnection connection && connection.Lifecycle.TryAcquire(ReferenceKind.Event);
        Channel.Acknowledge(in cmEvent);
        if (alive)
        {
            connection = (RdmaConnection)owner!;
            connection.OnCmEvent(in cmEvent);
            connection.Lifecycle.Release(ReferenceKind.Event);
        }
        else if (owner is RdmaListener lost)
        {
            lost.OnEvent(in cmEvent);
        }
        else
        {
            Counters.LateEvents++;
        }
    }

    private int TryMakePoller(DeviceContext device, int entries, bool shared, out CompletionPoller? poller)
    {
        poller = null;
        RdmaTransportOptions options = Transport.Options;
        AdapterLimits limits = device.Device.Limits;
        int sharedDepth = shared ? Math.Min(options.SharedReceiveQueueDepth, limits.MaxSharedReceiveQueueWorkRequests) : 0;
        int size = Math.Min(Math.Max(options.CompletionQueueEntries, entries + sharedDepth), limits.MaxCompletionQueueEntries);
        if (size < entries + sharedDepth)
        {
            return -Errno.ENOMEM;
        }

        int result = device.Device.CreateCompletionQueue(size, out AdapterCompletionQueue? queue);
        if (result < 0)
        {
            return result;
        }

        poller = new CompletionPoller(this, queue!, size);
        if (!shared)
        {
            return 0;
        }

        poller.Reserve(sharedDepth);
        result = TryMakeSharedReceives(device, sharedDepth, out SharedReceives? receives);
        poller.SharedReceives = receives;
        if (result < 0)
        {
            poller.Destroy();
            poller = null;
        }

        return result;
    }

    private int TryMakeSharedReceives(DeviceContext device, int depth, out SharedReceives? receives)
    {
        receives = null;
        var buffers = ReceiveBuffers.TryCreate(
            Transport.Pool, device.Local, BufferPriority.InputOutput, depth, CapsuleHeaderSize, Transport.Options.InCapsuleDataSize);
        if (buffers is null)
        {
            return -Errno.ENOMEM;
        }

        int result = device.Device.CreateSharedReceiveQueue(depth, out AdapterReceiveQueue? queue);
        if (result < 0)
        {
            buffers.Free();
            return result;
        }

        receives = new SharedReceives(this, queue!, buffers);
        return 0;
    }
}
