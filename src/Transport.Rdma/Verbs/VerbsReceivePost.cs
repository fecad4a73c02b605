using System.Runtime.CompilerServices;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Verbs;

/// <summary>Posts receives of the seam to a queue pair or a shared receive queue, in chains that fit on the stack.</summary>
internal static unsafe class VerbsReceivePost
{
    private const int MaxChain = 32;

    /// <summary>The library's way to post one chain.</summary>
    public delegate int Function(RdmaSharp.ReceiveWorkRequest* first, out RdmaSharp.ReceiveWorkRequest* firstBad);

    /// <returns>0, or the negated errno of the chain that was not posted whole.</returns>
    [SkipLocalsInit]
    public static int Post(Function function, ReadOnlySpan<ReceiveWorkRequest> chain, out int posted)
    {
        RdmaSharp.ReceiveWorkRequest* natives = stackalloc RdmaSharp.ReceiveWorkRequest[MaxChain];
        fixed (ReceiveWorkRequest* requests = chain)
        {
            posted = 0;
            while (posted < chain.Length)
            {
                int count = Math.Min(chain.Length - posted, MaxChain);
                VerbsWorkRequests.Describe(requests + posted, natives, count);
                int error = function(natives, out RdmaSharp.ReceiveWorkRequest* bad);
                posted += error == 0 ? count : VerbsWorkRequests.Posted(natives, bad);
                if (error != 0)
                {
                    return -error;
                }
            }
        }

        return 0;
    }
}
