using RdmaSharp.Native;

namespace RdmaSharp;

/// <summary>Receives for many queue pairs (<c>struct ibv_srq</c>).</summary>
public sealed unsafe class SharedReceiveQueue : RdmaHandle
{
    private const int MaxRequestsMask = 1;
    private const int LimitMask = 2;

    /// <summary>Makes a shared receive queue (ibv_create_srq(3)).</summary>
    /// <param name="domain">Where its memory comes from.</param>
    /// <param name="requests">Receives outstanding.</param>
    /// <param name="entries">Entries of a receive.</param>
    /// <exception cref="RdmaException">Not supported, or more than the device can have.</exception>
    public SharedReceiveQueue(ProtectionDomain domain, int requests, int entries = 1) : base(owned: true, domain)
    {
        var data = new SharedReceiveQueueInitData { Cookie = Cookie, Attributes = { Requests = (uint)requests, Entries = (uint)entries } };
        Adopt(VerbsMethods.CreateSharedReceiveQueue(domain, &data), "ibv_create_srq");
        Capacity = data.Attributes.Requests == 0 ? requests : (int)data.Attributes.Requests;
    }

    /// <summary>Receives that can be outstanding.</summary>
    public int Capacity { get; }

    /// <summary>Posts receives (ibv_post_srq_recv(3)).</summary>
    /// <param name="first">The chain.</param>
    /// <param name="firstBad">The first that was not posted, and none after it was; null if all were.</param>
    /// <returns>0, or errno: ENOMEM when the queue is full. Does not throw for it.</returns>
    /// <exception cref="ObjectDisposedException">The queue was disposed of.</exception>
    public int Post(ReceiveWorkRequest* first, out ReceiveWorkRequest* firstBad)
    {
        Reference();
        try
        {
            ReceiveWorkRequest* bad = null;
            int error = Math.Abs(ContextOperations.PostSharedReceive(handle)(handle, first, &bad));
            firstBad = error == 0 ? null : bad;
            return error;
        }
        finally
        {
            DangerousRelease();
        }
    }

    /// <summary>Posts receives (ibv_post_srq_recv(3)).</summary>
    /// <exception cref="RdmaException">The queue is full.</exception>
    public void Post(ReceiveChain chain)
    {
        int error = Post(chain.First, out _);
        GC.KeepAlive(chain);
        if (error != 0)
        {
            throw new RdmaException("ibv_post_srq_recv", error);
        }
    }

    /// <summary>Asks for one event when fewer receives are left (ibv_modify_srq(3)).</summary>
    /// <exception cref="RdmaException">Not supported.</exception>
    public void SetLimit(int limit)
    {
        var attributes = new SharedReceiveQueueAttributes { Limit = (uint)limit };
        Modify(&attributes, LimitMask);
    }

    /// <summary>Changes how many receives can be outstanding (ibv_modify_srq(3)).</summary>
    /// <exception cref="RdmaException">Not supported.</exception>
    public void Resize(int requests)
    {
        var attributes = new SharedReceiveQueueAttributes { Requests = (uint)requests };
        Modify(&attributes, MaxRequestsMask);
    }

    /// <summary>Its sizes and limit (ibv_query_srq(3)).</summary>
    /// <exception cref="RdmaException">The device does not answer.</exception>
    public SharedReceiveQueueAttributes Query()
    {
        SharedReceiveQueueAttributes attributes = default;
        int error = VerbsMethods.QuerySharedReceiveQueue(this, &attributes);
        return error == 0 ? attributes : throw new RdmaException("ibv_query_srq", error);
    }

    private void Modify(SharedReceiveQueueAttributes* attributes, int mask)
    {
        int error = VerbsMethods.ModifySharedReceiveQueue(this, attributes, mask);
        if (error != 0)
        {
            throw new RdmaException("ibv_modify_srq", error);
        }
    }

    private protected override int DestroyNative(nint native) => VerbsMethods.DestroySharedReceiveQueue(native);
}
