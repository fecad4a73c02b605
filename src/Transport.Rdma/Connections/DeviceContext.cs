using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Memory;

namespace Nvmf.Transport.Rdma.Connections;

/// <summary>An adapter in use: its registered memory and its asynchronous events, which come on one loop. Any thread unless said otherwise.</summary>
internal sealed class DeviceContext : IEventLoopHandler
{
    private readonly RdmaTransport _transport;
    private readonly RdmaLoop _eventLoop;
    private readonly Lock _lock = new();
    private RegisteredPool? _exposed;
    private EventLoopRegistration _registration;

    public DeviceContext(RdmaTransport transport, RdmaLoop eventLoop, AdapterDevice device)
    {
        _transport = transport;
        _eventLoop = eventLoop;
        Device = device;

        // On iWARP a read's sink is written by the peer, as far as access rights go.
        MemoryAccess access = MemoryAccess.LocalWrite | (device.Limits.IsIwarp ? MemoryAccess.RemoteWrite : 0);
        Local = new RegisteredPool(transport.Pool, device, access, transport.Logger);
    }

    public AdapterDevice Device { get; }

    /// <summary>The pool, for this side's own use.</summary>
    public RegisteredPool Local { get; }

    /// <summary>The pool, open to the peers of a host's queue pairs; made when first needed.</summary>
    public RegisteredPool Exposed
    {
        get
        {
            lock (_lock)
            {
                return _exposed ??= new RegisteredPool(
                    _transport.Pool, Device, MemoryAccess.LocalWrite | MemoryAccess.RemoteWrite | MemoryAccess.RemoteRead, _transport.Logger);
            }
        }
    }

    public long RegisteredBytes
    {
        get
        {
            lock (_lock)
            {
                return Local.RegisteredBytes + (_exposed?.RegisteredBytes ?? 0);
            }
        }
    }

    /// <summary>Listens to asynchronous events. On the event loop.</summary>
    public void Start() => _registration = _eventLoop.Thread.Register(Device.AsyncDescriptor, ReadyEvents.Readable, this);

    /// <summary>Stops listening. On the event loop.</summary>
    public void Stop() => _registration.Unregister();

    public void OnReady(ReadyEvents events)
    {
        while (Device.TryGetAsyncEvent(out AdapterEvent adapterEvent) >= 0)
        {
            Dispatch(in adapterEvent);
        }
    }

    /// <summary>Nothing to do: where another loop lives on, its queue pairs have deadlines for the events that will not come.</summary>
    public void OnLoopEnded()
    {
    }

    public void OnFailure(Exception exception) => RdmaLog.HandlerFailed(_transport.Logger, exception, Device.Name);

    /// <summary>After all queue pairs.</summary>
    public void Dispose()
    {
        Local.Dispose();
        _exposed?.Dispose();
    }

    // Invariant I5: reference while un-acknowledged, copy, acknowledge, process. The queue pair of the event cannot be destroyed before the acknowledgement, and
    // must not be touched after it without the reference.
    private void Dispatch(in AdapterEvent adapterEvent)
    {
        AsyncEventType type = adapterEvent.Type;
        var connection = adapterEvent.QueuePair?.Owner as RdmaConnection;
        bool concerns = type is AsyncEventType.LastWorkRequestReached
            or AsyncEventType.QueuePairFatal
            or AsyncEventType.QueuePairRequestError
            or AsyncEventType.QueuePairAccessError;
        bool alive = concerns && connection is not null && connection.Lifecycle.TryAcquire(ReferenceKind.Event);
        Device.Acknowledge(in adapterEvent);
        if (alive)
        {
            connection!.PostAdapterEvent(isLastWorkRequest: type == AsyncEventType.LastWorkRequestReached);
        }
        else if (concerns)
        {
            // Refused, or its queue pair is being destroyed on another thread: then the event names none.
            _eventLoop.Counters.LateEvents++;
        }
        else if (!IsOfQueuePair(type))
        {
            OnDeviceEvent(type);
        }
    }

    private static bool IsOfQueuePair(AsyncEventType type) =>
        type is (>= AsyncEventType.QueuePairFatal and <= AsyncEventType.PathMigrationError) or AsyncEventType.LastWorkRequestReached;

    private void OnDeviceEvent(AsyncEventType type)
    {
        RdmaLog.DeviceEvent(_transport.Logger, Device.Name, type);
        if (type is AsyncEventType.DeviceFatal or AsyncEventType.CompletionQueueError or AsyncEventType.SharedReceiveQueueError)
        {
            _transport.AbortAll(this, new IOException($"The RDMA device {Device.Name} reported {type}."));
        }
    }
}
