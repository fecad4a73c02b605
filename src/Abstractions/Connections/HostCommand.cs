using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Abstractions.Connections;

/// <summary>
/// A command of an initiator; derive and reuse. "Completed" and "released" are two events (invariant I2, failure F4): the data may
/// be reused only after <see cref="OnReleased"/>.
/// </summary>
/// <remarks>
/// <code>
///  submitted ──OnCompleted──► answered, or lost with the queue pair ──┬── OnReleased ────► reusable
///                                                                     └── OnQuarantined    never again
/// </code>
/// </remarks>
public abstract class HostCommand
{
    /// <summary>The entry to send; CID and SGL are the transport's.</summary>
    public SubmissionQueueEntry Entry;

    /// <summary>Data to send or room for data to receive; empty for none. The transport retains it for each transmission.</summary>
    public BufferLease Data { get; set; }

    /// <summary>Which way <see cref="Data"/> moves.</summary>
    public DataDirection Direction { get; set; }

    /// <summary>
    /// The controller answered; or the queue pair ended first, and then <paramref name="error"/> is set. On the loop, exactly once per submission.
    /// </summary>
    public abstract void OnCompleted(in CompletionQueueEntry completion, Exception? error);

    /// <summary>No transmission of this submission can read or write <see cref="Data"/> any more. On the loop, exactly once, after <see cref="OnCompleted"/>.</summary>
    public abstract void OnReleased();

    /// <summary>
    /// Instead of <see cref="OnReleased"/>: the queue pair ended, the last deadline of its drain passed, and the kernel or the adapter never proved that it is
    /// done with <see cref="Data"/>. The pool never lends the block again (invariant I8); whoever holds a reference of his own must not write to it again
    /// either, and no later call tells when he might. On the loop. Does nothing by default: a command without proof is never reused.
    /// </summary>
    public virtual void OnQuarantined()
    {
    }
}
