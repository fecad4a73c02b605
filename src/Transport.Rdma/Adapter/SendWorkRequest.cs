namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>ibv_send_wr with one or two elements.</summary>
internal struct SendWorkRequest
{
    /// <summary>Longest chain given to one post.</summary>
    public const int MaxChain = 32;

    /// <summary>wr_id.</summary>
    public ulong Id;

    public SendOpcode Opcode;

    /// <summary>IBV_SEND_SIGNALED.</summary>
    public bool Signaled;

    /// <summary>Remote address of a write or read.</summary>
    public ulong RemoteAddress;

    /// <summary>rkey of a write or read; invalidate_rkey of a send with invalidation.</summary>
    public uint RemoteKey;

    public WorkRequestElement First;

    /// <summary>Its length is 0 when there is none.</summary>
    public WorkRequestElement Second;
}
