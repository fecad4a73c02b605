using System.Runtime.CompilerServices;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Verbs;

/// <summary>A queue pair of libibverbs.</summary>
internal sealed unsafe class VerbsQueuePair(object? owner) : AdapterQueuePair
{
    private VerbsReceivePost.Function? _postReceive;

    /// <summary>Set before anybody sees this object, but for an event: those use <see cref="Owner"/> alone.</summary>
    public RdmaSharp.RdmaQueuePair Native { get; set; } = null!;

    public override uint Number => Native.Number;

    public override object? Owner => owner;

    [SkipLocalsInit]
    public override int PostSend(ReadOnlySpan<SendWorkRequest> chain, out int posted)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chain.Length, SendWorkRequest.MaxChain);
        posted = 0;
        if (chain.IsEmpty)
        {
            return 0;
        }

        RdmaSharp.SendWorkRequest* natives = stackalloc RdmaSharp.SendWorkRequest[chain.Length];
        fixed (SendWorkRequest* requests = chain)
        {
            VerbsWorkRequests.Describe(requests, natives, chain.Length);
            int error = Native.PostSend(natives, out RdmaSharp.SendWorkRequest* bad);
            posted = error == 0 ? chain.Length : VerbsWorkRequests.Posted(natives, bad);
            return -error;
        }
    }

    public override int PostReceive(ReadOnlySpan<ReceiveWorkRequest> chain, out int posted) => VerbsReceivePost.Post(_postReceive ??= Native.PostReceive, chain, out posted);

    public override int ModifyToError() => -Native.ModifyToError();

    public override void Detach() => Native.DetachFromId();

    public override int Destroy() => VerbsResult.Destroy(Native);
}
