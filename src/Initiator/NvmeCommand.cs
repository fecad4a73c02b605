using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator;

/// <summary>
/// A reusable command of an <see cref="NvmeQueue"/>: the layer without allocations, tasks or copies. Derive, fill in
/// <see cref="HostCommand.Entry"/>, <see cref="HostCommand.Data"/> and <see cref="HostCommand.Direction"/>, submit, and submit again from
/// <see cref="OnDataReleased"/>.
/// </summary>
/// <remarks>
/// <code>
///  idle ──TrySubmit──► in flight ──OnEnded──► answered ──OnDataReleased──► idle
/// </code>
/// "Answered" is not "released": until <see cref="OnDataReleased"/> the transport may still read or write the data (invariant I2, failure F4), and the
/// command keeps its slot of the queue.
/// </remarks>
public abstract class NvmeCommand : HostCommand
{
    internal NvmeQueue? Queue { get; set; }

    /// <summary>Has a reserved slot of the admin queue: Keep Alive, Abort, Async Event Request.</summary>
    internal bool IsUrgent { get; set; }

    /// <summary>
    /// The controller answered, with success or an error status; or the queue pair ended first, and then <paramref name="error"/> is set and
    /// <paramref name="completion"/> means nothing. On the queue's loop, once per submission.
    /// </summary>
    protected abstract void OnEnded(in CompletionQueueEntry completion, Exception? error);

    /// <summary>The data and the command may be reused. On the queue's loop, once per submission, after <see cref="OnEnded"/>.</summary>
    protected abstract void OnDataReleased();

    /// <summary>
    /// Instead of <see cref="OnDataReleased"/>, at the end of a queue pair: nobody proved that the data is off the wire, and it never will be
    /// (<see cref="HostCommand.OnQuarantined"/>). Neither data nor command may be reused. Does nothing by default.
    /// </summary>
    protected virtual void OnDataQuarantined()
    {
    }

    /// <inheritdoc/>
    public sealed override void OnCompleted(in CompletionQueueEntry completion, Exception? error)
    {
        Queue!.CountCompletion(error);
        OnEnded(completion, error);
    }

    /// <inheritdoc/>
    public sealed override void OnReleased()
    {
        var queue = Queue!;
        Queue = null;
        queue.ReturnSlot(this);
        OnDataReleased();
    }

    /// <inheritdoc/>
    public sealed override void OnQuarantined()
    {
        // Frees no slot: the queue pair is gone, and the command with it.
        OnDataQuarantined();
    }
}
