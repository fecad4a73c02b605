using System.Runtime.CompilerServices;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Verbs;

/// <summary>A shared receive queue of libibverbs.</summary>
internal sealed unsafe class VerbsReceiveQueue(RdmaSharp.SharedReceiveQueue queue) : AdapterReceiveQueue
{
    public RdmaSharp.SharedReceiveQueue Native => queue;

    [SkipLocalsInit]
    public override int PostReceive(ReadOnlySpan<ReceiveWorkRequest> chain, out int posted)
    {
        RdmaSharp.ReceiveWorkRequest* natives = stackalloc RdmaSharp.ReceiveWorkRequest[VerbsWorkRequests.MaxReceiveChain];
        fixed (ReceiveWorkRequest* requests = chain)
        {
            posted = 0;
            while (posted < chain.Length)
            {
                int count = Math.Min(chain.Length - posted, VerbsWorkRequests.MaxReceiveChain);
                VerbsWorkRequests.Describe(requests + posted, natives, count);
                int error = queue.Post(natives, out RdmaSharp.ReceiveWorkRequest* bad);
                posted += error == 0 ? count : VerbsWorkRequests.Posted(natives, bad);
                if (error != 0)
                {
                    return -error;
                }
            }
        }

        return 0;
    }

    public override int Destroy() => VerbsResult.Destroy(queue);
}
