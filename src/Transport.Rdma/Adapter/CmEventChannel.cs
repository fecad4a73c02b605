using System.Runtime.InteropServices;

namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>An event channel of the connection manager (rdma_event_channel).</summary>
internal abstract class CmEventChannel
{
    /// <summary>Readable while an event waits; non-blocking.</summary>
    public abstract SafeHandle Descriptor { get; }

    /// <summary>rdma_create_id(3) in the port space RDMA_PS_TCP.</summary>
    public abstract int CreateId(out CmId? id);

    /// <summary>
    /// rdma_get_cm_event(3). Everything of the event is copied into <paramref name="cmEvent"/>; the id in it stays valid until
    /// <see cref="Acknowledge"/>, because until then rdma_destroy_id(3) blocks.
    /// </summary>
    /// <returns>0; -EAGAIN when no event waits.</returns>
    public abstract int TryGetEvent(out CmEvent cmEvent);

    /// <summary>rdma_ack_cm_event(3). Any thread.</summary>
    public abstract void Acknowledge(in CmEvent cmEvent);

    /// <summary>rdma_destroy_event_channel(3). No id is on the channel any more.</summary>
    public abstract void Destroy();
}
