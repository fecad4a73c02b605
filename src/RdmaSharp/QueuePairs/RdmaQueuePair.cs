using System.Runtime.InteropServices;
using RdmaSharp.Native;

namespace RdmaSharp;

/// <summary>A queue pair (<c>struct ibv_qp</c>).</summary>
/// <remarks>
/// <para>Its destruction is the fence: afterwards the adapter touches no memory for it. Completions may still be in the completion queue.</para>
/// <para>One made by <see cref="RdmaId.CreateQueuePair"/> is moved through its states by librdmacm, partly while an event of its identifier is fetched. Where
/// another thread than the one that fetches them is to dispose of it, <see cref="DetachFromId"/> comes first.</para>
/// </remarks>
public sealed unsafe partial class RdmaQueuePair : RdmaHandle
{
    private readonly RdmaId? _id;
    private bool _detached;

    /// <summary>Makes a queue pair in the state reset (ibv_create_qp(3)).</summary>
    /// <exception cref="RdmaException">More than the device can have.</exception>
    public RdmaQueuePair(ProtectionDomain domain, QueuePairOptions options) : this(domain, options, null)
    {
        QueuePairInitData data = InitData(options);
        Adopt(VerbsMethods.CreateQueuePair(domain, &data), "ibv_create_qp");
        Complete(data);
    }

    private RdmaQueuePair(ProtectionDomain domain, QueuePairOptions options, RdmaId? id)
        : base(owned: true, domain, options.SendQueue, options.ReceiveQueue, options.SharedReceiveQueue, id)
    {
        _id = id;
        UserState = options.UserState;
        SharedReceiveQueue = options.SharedReceiveQueue;
    }

    /// <summary>Its number on the device, which gives it out again after the destruction.</summary>
    public uint Number { get; private set; }

    /// <summary>The sizes that it has got.</summary>
    public QueuePairCapacity Capacity { get; private set; }

    /// <summary>Where its receives come from; null if it has a receive queue of its own.</summary>
    public SharedReceiveQueue? SharedReceiveQueue { get; }

    /// <summary>Changes attributes (ibv_modify_qp(3)).</summary>
    /// <exception cref="RdmaException">Not in this state, or not these attributes.</exception>
    public void Modify(in QueuePairAttributes attributes, QueuePairAttributeMask mask)
    {
        QueuePairAttributes copy = attributes;
        int error = VerbsMethods.ModifyQueuePair(this, &copy, (int)mask);
        if (error != 0)
        {
            throw new RdmaException("ibv_modify_qp", error);
        }
    }

    /// <summary>Moves it to the error state: outstanding work is flushed, as far as the device does that.</summary>
    /// <returns>0 or errno. Does not throw for it; again is harmless.</returns>
    public int ModifyToError()
    {
        var attributes = new QueuePairAttributes { State = QueuePairState.Error };
        return VerbsMethods.ModifyQueuePair(this, &attributes, (int)QueuePairAttributeMask.State);
    }

    /// <summary>
    /// Takes it from the identifier that made it: librdmacm does not know it any more, so that fetching an event of the identifier, which may move the queue pair to
    /// another state (rdma_get_cm_event(3) of a rejection, for one), does not touch it while another thread destroys it.
    /// </summary>
    /// <remarks>
    /// On the only thread that fetches events of <see cref="RdmaId.Channel"/> and calls methods of the identifier. The end for the connection: move the queue pair to
    /// the error state and call <see cref="RdmaId.Disconnect"/> before. It keeps the identifier alive as before. Again is harmless, as is one without an identifier.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The queue pair was disposed of.</exception>
    public void DetachFromId()
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (_detached)
        {
            return;
        }

        _detached = true;
        _id?.ForgetQueuePair();
    }

    /// <summary>Its attributes (ibv_query_qp(3)). Some devices tell more than was asked for, some the wrong state.</summary>
    /// <exception cref="RdmaException">The device does not answer.</exception>
    public QueuePairAttributes Query(QueuePairAttributeMask mask)
    {
        QueuePairAttributes attributes = default;
        QueuePairInitData initial = default;
        int error = VerbsMethods.QueryQueuePair(this, &attributes, (int)mask, &initial);
        return error == 0 ? attributes : throw new RdmaException("ibv_query_qp", error);
    }

    /// <summary>A queue pair of an identifier, in the state initialized (rdma_create_qp(3)).</summary>
    internal static RdmaQueuePair Create(RdmaId id, ProtectionDomain domain, QueuePairOptions options)
    {
        var queuePair = new RdmaQueuePair(domain, options, id);
        QueuePairInitData data = queuePair.InitData(options);
        int result = ConnectionMethods.CreateQueuePair(id, domain, &data);
        if (result != 0)
        {
            throw queuePair.Abandon("rdma_create_qp", result > 0 ? result : Marshal.GetLastPInvokeError());
        }

        queuePair.Adopt(id.QueuePairPointer, "rdma_create_qp");
        queuePair.Complete(data);
        return queuePair;
    }

    private QueuePairInitData InitData(QueuePairOptions options) => new()
    {
        Cookie = Cookie,
        SendQueue = options.SendQueue.Native,
        ReceiveQueue = options.ReceiveQueue.Native,
        SharedReceiveQueue = options.SharedReceiveQueue?.Native ?? 0,
        Capacity = options.Capacity,
        Type = options.Type,
        SignalAll = options.SignalAll ? 1 : 0,
    };

    private void Complete(in QueuePairInitData data)
    {
        Number = *(uint*)(handle + ObjectOffsets.QueuePair.Number);
        Capacity = data.Capacity;
    }

    private protected override int DestroyNative(nint native)
    {
        // As rdma_destroy_qp does, whose result nobody sees: it is void.
        int error = VerbsMethods.DestroyQueuePair(native);
        if (error == 0 && !_detached)
        {
            _id?.ForgetQueuePair();
        }

        return error;
    }
}
