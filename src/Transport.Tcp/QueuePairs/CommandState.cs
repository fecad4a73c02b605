namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>Where a command slot is. <c>Free → (Receiving →) Delivered ⇄ Transferring, Delivered → Free</c>; a teardown leads to Free from everywhere.</summary>
internal enum CommandState
{
    /// <summary>No command.</summary>
    Free,

    /// <summary>In-capsule data is on its way; the handler does not know of the command yet.</summary>
    Receiving,

    /// <summary>The handler's.</summary>
    Delivered,

    /// <summary>The handler's, and an R2T is out.</summary>
    Transferring,
}
