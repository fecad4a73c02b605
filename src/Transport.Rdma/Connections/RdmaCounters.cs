namespace Nvmf.Transport.Rdma.Connections;

/// <summary>What a loop counts; written on the loop unless said otherwise, read by anybody.</summary>
internal sealed class RdmaCounters
{
    /// <summary>Completions polled.</summary>
    public long Completions;

    /// <summary>Completions of queue pairs, or of slots, that were gone: dropped.</summary>
    public long LateCompletions;

    /// <summary>CM and asynchronous events of connections that were gone, or that had no use for them: acknowledged and dropped.</summary>
    public long LateEvents;

    /// <summary>Last-WQE-reached events.</summary>
    public long LastWorkRequestEvents;

    /// <summary>Drains that went on without a last-WQE-reached event.</summary>
    public long LastWorkRequestTimeouts;

    /// <summary>Drains that went on without completions of what the error state should have flushed.</summary>
    public long FlushTimeouts;

    /// <summary>Connection requests rejected.</summary>
    public long Rejected;

    /// <summary>Connections begun: accepted, rejected for want of room, or the host's own.</summary>
    public long ConnectionsOpened;

    /// <summary>Of those, the ones whose lifecycle has ended. Any thread, interlocked.</summary>
    public long ConnectionsClosed;

    /// <summary>Work requests that send queues took.</summary>
    public long SendWorkRequests;

    /// <summary>Calls of ibv_post_send that took them.</summary>
    public long SendPosts;

    /// <summary>Bytes of memory that belong to shared receive queues, posted or not.</summary>
    public long SharedReceiveBytes;

    /// <summary>Receives that shared receive queues have.</summary>
    public long SharedReceivesPosted;

    /// <summary>Bytes put into quarantine: the adapter never let go of them.</summary>
    public long QuarantinedBytes;
}
