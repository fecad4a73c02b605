using RdmaSharp.Native;

namespace RdmaSharp;

/// <summary>
/// An asynchronous event that was fetched and has to be acknowledged once (ibv_get_async_event(3), ibv_ack_async_event(3)).
/// </summary>
/// <remarks>
/// Until then it keeps its object: one that is disposed of meanwhile is destroyed by the acknowledgement. Take a reference of your own or copy what
/// is needed, acknowledge, then act. Any thread; an event that is never acknowledged leaks its object, it does not block anything.
/// </remarks>
public sealed unsafe class RdmaAsyncEvent : IDisposable
{
    private readonly RdmaHandle? _source;
    private AsyncEventData _data;
    private int _acknowledged;

    internal RdmaAsyncEvent(AsyncEventData data)
    {
        _data = data;
        nint cookie = CookieOf(data);
        _source = cookie == 0 ? null : RdmaHandle.TryReference<RdmaHandle>(cookie);
    }

    /// <summary>What happened.</summary>
    public AsyncEventType Type => _data.Type;

    /// <summary>The queue pair that it is about; null for other events, or when the queue pair is being destroyed.</summary>
    public RdmaQueuePair? QueuePair => _source as RdmaQueuePair;

    /// <summary>The completion queue that it is about; null for other events, or when it is being destroyed.</summary>
    public CompletionQueue? CompletionQueue => _source as CompletionQueue;

    /// <summary>The shared receive queue that it is about; null for other events, or when it is being destroyed.</summary>
    public SharedReceiveQueue? SharedReceiveQueue => _source as SharedReceiveQueue;

    /// <summary>The port that it is about; 0 for other events.</summary>
    public int PortNumber => IsOfPort(Type) ? _data.PortNumber : 0;

    /// <summary>Tells the library that the event was seen. The second time does nothing.</summary>
    public void Acknowledge()
    {
        if (Interlocked.Exchange(ref _acknowledged, 1) != 0)
        {
            return;
        }

        fixed (AsyncEventData* data = &_data)
        {
            VerbsMethods.AcknowledgeAsyncEvent(data);
        }

        _source?.DangerousRelease();
    }

    /// <summary>Acknowledges.</summary>
    public void Dispose() => Acknowledge();

    private static nint CookieOf(AsyncEventData data) => data.Type switch
    {
        AsyncEventType.QueuePairFatal or AsyncEventType.QueuePairRequestError or AsyncEventType.QueuePairAccessError
            or AsyncEventType.CommunicationEstablished or AsyncEventType.SendQueueDrained or AsyncEventType.PathMigrated
            or AsyncEventType.PathMigrationError or AsyncEventType.LastWorkRequestReached
            => *(nint*)(data.Element + ObjectOffsets.QueuePair.Cookie),
        AsyncEventType.CompletionQueueError => *(nint*)(data.Element + ObjectOffsets.CompletionQueue.Cookie),
        AsyncEventType.SharedReceiveQueueError or AsyncEventType.SharedReceiveQueueLimitReached
            => *(nint*)(data.Element + ObjectOffsets.SharedReceiveQueue.Cookie),
        _ => 0,
    };

    private static bool IsOfPort(AsyncEventType type) => type
        is (>= AsyncEventType.PortActive and <= AsyncEventType.SubnetManagerChanged)
        or AsyncEventType.ClientReregister or AsyncEventType.GidChanged;
}
