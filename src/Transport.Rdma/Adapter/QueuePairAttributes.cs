namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>ibv_qp_init_attr of a reliable connection; sends are signalled one by one (sq_sig_all 0).</summary>
/// <param name="CompletionQueue">For sends and receives.</param>
/// <param name="SharedReceiveQueue">Null for a receive queue of its own.</param>
/// <param name="SendDepth">max_send_wr.</param>
/// <param name="ReceiveDepth">max_recv_wr; 0 with a shared receive queue.</param>
/// <param name="Owner">What <see cref="AdapterQueuePair.Owner"/> is to be; set before any event can come.</param>
internal readonly record struct QueuePairAttributes(
    AdapterCompletionQueue CompletionQueue,
    AdapterReceiveQueue? SharedReceiveQueue,
    int SendDepth,
    int ReceiveDepth,
    object? Owner);
