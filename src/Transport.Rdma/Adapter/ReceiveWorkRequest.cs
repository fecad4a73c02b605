namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>ibv_recv_wr with one or two elements.</summary>
internal struct ReceiveWorkRequest
{
    /// <summary>wr_id.</summary>
    public ulong Id;

    public WorkRequestElement First;

    /// <summary>Its length is 0 when there is none.</summary>
    public WorkRequestElement Second;
}
