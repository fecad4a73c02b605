namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>Where a command slot is. <c>Free → Delivered ⇄ Transferring, Delivered → Responding → Free</c>; a teardown leads to Free from everywhere.</summary>
internal enum CommandState
{
    /// <summary>No command.</summary>
    Free,

    /// <summary>The handler's.</summary>
    Delivered,

    /// <summary>The handler's, and reads of its data are under way or wait for their turn.</summary>
    Transferring,

    /// <summary>Completed; the response waits for room in the send queue.</summary>
    Responding,
}
