namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>Registered memory (ibv_mr).</summary>
internal abstract class AdapterMemoryRegion
{
    public abstract uint LocalKey { get; }

    public abstract uint RemoteKey { get; }

    /// <summary>ibv_dereg_mr(3).</summary>
    public abstract int Deregister();
}
