using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Abstractions.Connections;

/// <summary>
/// One command between its arrival and its completion: a slot of the queue pair, reused for later commands. Holds a
/// <see cref="Lifecycle.ReferenceKind.Command"/> reference of its queue pair from <see cref="IQueuePairHandler.OnCommand"/> until it
/// is completed or dropped. Call every member on the queue pair's loop.
/// </summary>
public abstract class QueuePairCommand
{
    /// <summary>The queue pair the command came by.</summary>
    public abstract QueuePair QueuePair { get; }

    /// <summary>The submission queue entry, a private copy: the host cannot change it any more.</summary>
    public abstract ref readonly SubmissionQueueEntry Entry { get; }

    /// <summary>
    /// Success, or what the transport found wrong with the SGL or the in-capsule data (bad descriptor, length, offset, data digest);
    /// the target completes the command with it.
    /// </summary>
    public abstract NvmeStatus TransportStatus { get; }

    /// <summary>Bytes described by the command's SGL, whichever way they move. 0 when there are none.</summary>
    public abstract uint DataLength { get; }

    /// <summary>
    /// Data that came in the capsule (exactly <see cref="DataLength"/> bytes), or an empty lease. The slot's until completion, or until the queue pair is closed: retain it
    /// to keep it longer.
    /// </summary>
    public abstract BufferLease InCapsuleData { get; }

    /// <summary>The handler's own state for this slot: made once, kept while the slot is reused.</summary>
    public object? HandlerState { get; set; }

    /// <summary>
    /// Fetches <see cref="DataLength"/> bytes from the host into <paramref name="destination"/> (TCP: R2T and H2CData; RDMA: READ), then
    /// <see cref="IQueuePairHandler.OnDataReceived"/> is called. The caller keeps its reference; the transport holds one of its own
    /// for the duration. Not after a call of <see cref="Complete"/>.
    /// </summary>
    public abstract void ReceiveData(BufferLease destination);

    /// <summary>Completes the command without data to the host. SQHD, SQID and CID of the entry must be set.</summary>
    public abstract void Complete(in CompletionQueueEntry completion);

    /// <summary>
    /// Sends <paramref name="data"/> (its whole length) to the host, then the completion. Takes over the caller's reference to
    /// <paramref name="data"/> and gives it back when nothing can read the bytes any more (invariant I1). Only for success: data
    /// must not precede an error.
    /// </summary>
    public abstract void CompleteWithData(in CompletionQueueEntry completion, BufferLease data);

    /// <summary>
    /// Sends <paramref name="pieces"/> one behind the other, of whatever pool they are, otherwise like the other overload: takes over a reference to
    /// each. The span itself is not kept. Only where <see cref="QueuePairCapabilities.GathersData"/> says so.
    /// </summary>
    /// <exception cref="NotSupportedException">The transport does not gather.</exception>
    public virtual void CompleteWithData(in CompletionQueueEntry completion, ReadOnlySpan<BufferLease> pieces) =>
        throw new NotSupportedException("This transport sends data of one lease only.");

    /// <summary>Ends the command without telling the host: for commands that never complete by themselves (AER) at teardown.</summary>
    public abstract void Drop();
}
