using System.Runtime.InteropServices;

namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>A completion queue with a completion channel of its own (ibv_cq, ibv_comp_channel).</summary>
internal abstract class AdapterCompletionQueue
{
    /// <summary>The channel's descriptor: readable while a completion event waits; non-blocking.</summary>
    public abstract SafeHandle Descriptor { get; }

    /// <summary>ibv_poll_cq(3) into <paramref name="completions"/>.</summary>
    /// <returns>How many, or a negative errno.</returns>
    public abstract int Poll(Span<WorkCompletion> completions);

    /// <summary>ibv_req_notify_cq(3) for any completion. Poll once more after it: what came before it causes no event.</summary>
    public abstract int RequestNotification();

    /// <summary>ibv_get_cq_event(3). The caller counts, and acknowledges at the latest before <see cref="Destroy"/>.</summary>
    /// <returns>0; -EAGAIN when no event waits.</returns>
    public abstract int TryGetEvent();

    /// <summary>ibv_ack_cq_events(3): costs a lock, so many at once.</summary>
    public abstract void AcknowledgeEvents(int count);

    /// <summary>ibv_destroy_cq(3) and the channel, after the queue pairs. Blocks while events are un-acknowledged.</summary>
    public abstract int Destroy();
}
