namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>A queue pair of verbs (ibv_qp).</summary>
internal abstract class AdapterQueuePair
{
    /// <summary>qp_num: reused by the adapter as soon as the queue pair is destroyed.</summary>
    public abstract uint Number { get; }

    public abstract object? Owner { get; }

    /// <summary>ibv_post_send(3) of the whole chain. Nothing of the span is used after the return.</summary>
    /// <param name="chain">1..<see cref="SendWorkRequest.MaxChain"/> requests.</param>
    /// <param name="posted">How many of them the adapter took: all when 0 is returned, fewer otherwise (those before bad_wr).</param>
    public abstract int PostSend(ReadOnlySpan<SendWorkRequest> chain, out int posted);

    /// <summary>ibv_post_recv(3); only without a shared receive queue.</summary>
    /// <inheritdoc cref="PostSend"/>
    public abstract int PostReceive(ReadOnlySpan<ReceiveWorkRequest> chain, out int posted);

    /// <summary>ibv_modify_qp(3) to IBV_QPS_ERR. Again is harmless.</summary>
    public abstract int ModifyToError();

    /// <summary>
    /// Takes it from its id, for which librdmacm may move it to another state while rdma_get_cm_event(3) fetches an event. On the thread that fetches the events of the
    /// id's channel; nothing but posting, <see cref="ModifyToError"/> and <see cref="Destroy"/> afterwards.
    /// </summary>
    public abstract void Detach();

    /// <summary>
    /// ibv_destroy_qp(3), after <see cref="Detach"/>: the fence. When it has returned the adapter touches no memory for this queue pair. Completions may still lie in the completion queue.
    /// Blocks while a fetched asynchronous event is un-acknowledged; drops those not fetched. Any thread but one that holds such an event.
    /// </summary>
    public abstract int Destroy();
}
