namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>A copy of an ibv_wc.</summary>
internal struct WorkCompletion
{
    /// <summary>wr_id.</summary>
    public ulong Id;

    /// <summary>When it is not <see cref="WorkCompletionStatus.Success"/>, only <see cref="Id"/> and <see cref="QueuePairNumber"/> are valid.</summary>
    public WorkCompletionStatus Status;

    public uint VendorError;

    /// <summary>Bytes received.</summary>
    public uint Length;

    public uint QueuePairNumber;

    /// <summary>Of a receive.</summary>
    public WorkCompletionFlags Flags;
}
