namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>A copy of an ibv_async_event.</summary>
internal struct AdapterEvent
{
    public AsyncEventType Type;

    /// <summary>The queue pair of an event of a queue pair; null otherwise. Not to be touched after the acknowledgement.</summary>
    public AdapterQueuePair? QueuePair;

    /// <summary>The adapter's own: what the acknowledgement needs.</summary>
    public nint Token;
}
