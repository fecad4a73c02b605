using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Verbs;

/// <summary>A shared receive queue of libibverbs.</summary>
internal sealed unsafe class VerbsReceiveQueue(RdmaSharp.SharedReceiveQueue queue) : AdapterReceiveQueue
{
    private readonly VerbsReceivePost.Function _post = queue.Post;

    public RdmaSharp.SharedReceiveQueue Native => queue;

    public override int PostReceive(ReadOnlySpan<ReceiveWorkRequest> chain, out int posted) => VerbsReceivePost.Post(_post, chain, out posted);

    public override int Destroy() => VerbsResult.Destroy(queue);
}
