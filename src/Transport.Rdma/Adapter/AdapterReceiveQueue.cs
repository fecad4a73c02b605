namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>A shared receive queue (ibv_srq).</summary>
internal abstract class AdapterReceiveQueue
{
    /// <summary>ibv_post_srq_recv(3).</summary>
    /// <inheritdoc cref="AdapterQueuePair.PostSend"/>
    public abstract int PostReceive(ReadOnlySpan<ReceiveWorkRequest> chain, out int posted);

    /// <summary>ibv_destroy_srq(3), after the queue pairs that use it.</summary>
    public abstract int Destroy();
}
