using System.Runtime.InteropServices;

namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>An adapter: ibv_context with one protection domain.</summary>
internal abstract class AdapterDevice
{
    public abstract string Name { get; }

    public abstract AdapterLimits Limits { get; }

    /// <summary>Readable while an asynchronous event waits; non-blocking.</summary>
    public abstract SafeHandle AsyncDescriptor { get; }

    /// <summary>
    /// ibv_get_async_event(3). The queue pair in it stays valid until <see cref="Acknowledge"/>, because until then ibv_destroy_qp(3) blocks.
    /// </summary>
    /// <returns>0; -EAGAIN when no event waits.</returns>
    public abstract int TryGetAsyncEvent(out AdapterEvent adapterEvent);

    /// <summary>ibv_ack_async_event(3). Any thread.</summary>
    public abstract void Acknowledge(in AdapterEvent adapterEvent);

    /// <summary>ibv_create_comp_channel(3) and ibv_create_cq(3).</summary>
    public abstract int CreateCompletionQueue(int entries, out AdapterCompletionQueue? completionQueue);

    /// <summary>ibv_create_srq(3) for receives of <see cref="ReceiveWorkRequest"/>'s two elements.</summary>
    public abstract int CreateSharedReceiveQueue(int depth, out AdapterReceiveQueue? receiveQueue);

    /// <summary>ibv_reg_mr(3). -ENOMEM above RLIMIT_MEMLOCK without CAP_IPC_LOCK. Any thread.</summary>
    public abstract int RegisterMemory(nint address, long length, MemoryAccess access, out AdapterMemoryRegion? region);
}
