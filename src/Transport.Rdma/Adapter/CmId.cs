using System.Net;

namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>A communication identifier of the connection manager (rdma_cm_id).</summary>
internal abstract class CmId
{
    /// <summary>Whoever handles its events; null for nobody yet.</summary>
    public object? Owner { get; set; }

    /// <summary>The adapter of a connection request or a resolved address; null before. The same object for the same adapter, always.</summary>
    public abstract AdapterDevice? Device { get; }

    /// <summary>rdma_get_local_addr and port.</summary>
    public abstract IPEndPoint? LocalEndPoint { get; }

    /// <summary>rdma_get_peer_addr and port.</summary>
    public abstract IPEndPoint? RemoteEndPoint { get; }

    /// <summary>rdma_bind_addr(3). An IPv6 wildcard takes IPv4 too.</summary>
    public abstract int Bind(IPEndPoint address);

    /// <summary>rdma_listen(3).</summary>
    public abstract int Listen(int backlog);

    /// <summary>rdma_resolve_addr(3); AddressResolved or AddressError follows.</summary>
    public abstract int ResolveAddress(IPEndPoint destination, int timeoutMilliseconds);

    /// <summary>rdma_resolve_route(3); RouteResolved or RouteError follows.</summary>
    public abstract int ResolveRoute(int timeoutMilliseconds);

    /// <summary>
    /// rdma_create_qp(3) of type RC, on <see cref="Device"/>'s protection domain, in INIT afterwards: receives can be posted. To be destroyed by
    /// <see cref="AdapterQueuePair.Destroy"/> before <see cref="Destroy"/>.
    /// </summary>
    public abstract int CreateQueuePair(in QueuePairAttributes attributes, out AdapterQueuePair? queuePair);

    /// <summary>rdma_connect(3).</summary>
    public abstract int Connect(in ConnectionParameters parameters, ReadOnlySpan<byte> privateData);

    /// <summary>rdma_accept(3).</summary>
    public abstract int Accept(in ConnectionParameters parameters, ReadOnlySpan<byte> privateData);

    /// <summary>rdma_reject(3).</summary>
    public abstract int Reject(ReadOnlySpan<byte> privateData);

    /// <summary>rdma_disconnect(3). Also moves the queue pair to ERR where the provider has no flush of its own.</summary>
    public abstract int Disconnect();

    /// <summary>rdma_migrate_id(3): later events come by <paramref name="channel"/>. Blocks while an event of the id is un-acknowledged.</summary>
    public abstract int Migrate(CmEventChannel channel);

    /// <summary>rdma_destroy_id(3). Blocks while an event of the id is un-acknowledged; drops those that nobody has fetched. Any thread but one that holds such an event.</summary>
    public abstract int Destroy();
}
