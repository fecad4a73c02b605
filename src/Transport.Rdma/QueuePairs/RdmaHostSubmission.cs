using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>
/// A submission that is in use until its capsule's send has completed and the controller cannot reach its data any more. An answer is the controller's word that it is
/// through with the data; without an answer only the destroyed queue pair is. On the loop only.
/// </summary>
/// <remarks>
/// <code>
///  submitted ──┬── capsule's completion, or refused ──┐
///              ├── answer, or the end of the queue pair ──┼──► released
///              └── answer, or the fence ──────────────┘   (or quarantined: T3 passed, and there was no fence)
/// </code>
/// </remarks>
internal sealed class RdmaHostSubmission : HostSubmission
{
    private bool _sending;
    private bool _exposed;

    /// <summary>Links those whose capsule has to wait.</summary>
    public RdmaHostSubmission? NextWaiting { get; set; }

    /// <summary>Its capsule was given to the send queue: the controller can know of it.</summary>
    public bool IsSent { get; set; }

    protected override bool IsInUse => _sending || _exposed;

    /// <summary>The adapter is done with the capsule, or never got it.</summary>
    public void EndSending()
    {
        _sending = false;
        ReleaseWhenDone();
    }

    public override void Complete(in CompletionQueueEntry completion, Exception? error)
    {
        // An answer: the controller is through with the data.
        _exposed &= error is not null;
        base.Complete(completion, error);
    }

    /// <summary>The queue pair is destroyed; or, not <paramref name="proven"/>, it cannot be, and the data is never used again.</summary>
    /// <returns>Bytes put into quarantine.</returns>
    public long Fence(bool proven)
    {
        long quarantined = 0;
        if (!proven && !Data.IsEmpty && (_exposed || (_sending && InCapsule)))
        {
            IsQuarantined = true;
            quarantined = Data.Length;
            Data.Quarantine();
            Data = default;
        }

        _exposed = _sending = false;
        ReleaseWhenDone();
        return quarantined;
    }

    protected override void OnBegun()
    {
        _sending = true;
        IsSent = false;
        _exposed = !Data.IsEmpty && !InCapsule;
    }
}
