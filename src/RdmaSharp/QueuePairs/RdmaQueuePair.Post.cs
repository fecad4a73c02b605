using RdmaSharp.Native;

namespace RdmaSharp;

public sealed unsafe partial class RdmaQueuePair
{
    /// <summary>Posts send work requests (ibv_post_send(3)). Allocates nothing.</summary>
    /// <param name="first">The chain.</param>
    /// <param name="firstBad">The first that was not posted, and none after it was; null if all were.</param>
    /// <returns>0, or errno: ENOMEM when the queue is full, EINVAL when it cannot be posted in this state. Does not throw for it.</returns>
    /// <exception cref="ObjectDisposedException">The queue pair was disposed of.</exception>
    public int PostSend(SendWorkRequest* first, out SendWorkRequest* firstBad)
    {
        Reference();
        try
        {
            SendWorkRequest* bad = null;
            int error = Math.Abs(ContextOperations.PostSend(handle)(handle, first, &bad));
            firstBad = error == 0 ? null : bad;
            return error;
        }
        finally
        {
            DangerousRelease();
        }
    }

    /// <summary>Posts send work requests (ibv_post_send(3)).</summary>
    /// <exception cref="RdmaException">The queue is full, or the state does not allow it.</exception>
    public void PostSend(SendChain chain)
    {
        int error = PostSend(chain.First, out _);
        GC.KeepAlive(chain);
        if (error != 0)
        {
            throw new RdmaException("ibv_post_send", error);
        }
    }

    /// <summary>Posts receive work requests (ibv_post_recv(3)); only without a shared receive queue. Allocates nothing.</summary>
    /// <inheritdoc cref="PostSend(SendWorkRequest*, out SendWorkRequest*)"/>
    public int PostReceive(ReceiveWorkRequest* first, out ReceiveWorkRequest* firstBad)
    {
        Reference();
        try
        {
            ReceiveWorkRequest* bad = null;
            int error = Math.Abs(ContextOperations.PostReceive(handle)(handle, first, &bad));
            firstBad = error == 0 ? null : bad;
            return error;
        }
        finally
        {
            DangerousRelease();
        }
    }

    /// <summary>Posts receive work requests (ibv_post_recv(3)); only without a shared receive queue.</summary>
    /// <exception cref="RdmaException">The queue is full, or the state does not allow it.</exception>
    public void PostReceive(ReceiveChain chain)
    {
        int error = PostReceive(chain.First, out _);
        GC.KeepAlive(chain);
        if (error != 0)
        {
            throw new RdmaException("ibv_post_recv", error);
        }
    }
}
