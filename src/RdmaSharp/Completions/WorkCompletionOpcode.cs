namespace RdmaSharp;

/// <summary>What a completed work request was. Says nothing when the status is an error (<c>enum ibv_wc_opcode</c>).</summary>
public enum WorkCompletionOpcode
{
    /// <summary>A send.</summary>
    Send = 0,

    /// <summary>An RDMA write.</summary>
    RdmaWrite = 1,

    /// <summary>An RDMA read.</summary>
    RdmaRead = 2,

    /// <summary>An atomic compare and swap.</summary>
    CompareAndSwap = 3,

    /// <summary>An atomic fetch and add.</summary>
    FetchAndAdd = 4,

    /// <summary>A memory window was bound.</summary>
    BindMemoryWindow = 5,

    /// <summary>A key was invalidated.</summary>
    LocalInvalidate = 6,

    /// <summary>A segmented send.</summary>
    SegmentationOffload = 7,

    /// <summary>An atomic write.</summary>
    AtomicWrite = 9,

    /// <summary>A message was received.</summary>
    Receive = 128,

    /// <summary>The peer's RDMA write with immediate data ended.</summary>
    ReceiveRdmaWithImmediate = 129,
}
