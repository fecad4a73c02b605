namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>ibv_device_attr, as far as it matters here.</summary>
/// <param name="MaxQueuePairWorkRequests">max_qp_wr.</param>
/// <param name="MaxCompletionQueueEntries">max_cqe.</param>
/// <param name="MaxSharedReceiveQueueWorkRequests">max_srq_wr; 0 without shared receive queues.</param>
/// <param name="MaxReadsAsInitiator">max_qp_init_rd_atom.</param>
/// <param name="MaxReadsAsResponder">max_qp_rd_atom.</param>
/// <param name="IsIwarp">transport_type is iWARP: the sink of an RDMA read must be registered for remote writing.</param>
/// <param name="SendWithInvalidate">The device can send with invalidation (IBV_DEVICE_MEM_MGT_EXTENSIONS, or iWARP).</param>
internal readonly record struct AdapterLimits(
    int MaxQueuePairWorkRequests,
    int MaxCompletionQueueEntries,
    int MaxSharedReceiveQueueWorkRequests,
    int MaxReadsAsInitiator,
    int MaxReadsAsResponder,
    bool IsIwarp,
    bool SendWithInvalidate);
