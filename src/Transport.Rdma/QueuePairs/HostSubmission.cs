using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>
/// One submission of a <see cref="HostCommand"/>. It ends twice: completed, when the controller answered or never will, and released, when besides that its
/// capsule's send has completed and the controller cannot reach its data any more (invariant I2, failure F4). An answer is the controller's word that it is
/// through with the data; without an answer only the destroyed queue pair is. On the loop only.
/// </summary>
/// <remarks>
/// <code>
///  submitted ──┬── capsule's completion, or refused ──┐
///              ├── answer, or the end of the queue pair ──┼──► released
///              └── answer, or the fence ──────────────┘   (or quarantined: T3 passed, and there was no fence)
/// </code>
/// </remarks>
internal sealed class HostSubmission(HostSubmissions owner)
{
    private HostCommand? _command;
    private bool _completed;
    private bool _sending;
    private bool _exposed;
    private bool _quarantined;

    public HostSubmission? Next { get; set; }

    public ushort CommandId { get; private set; }

    public HostCommand Command => _command!;

    /// <summary>A reference of its own.</summary>
    public BufferLease Data { get; private set; }

    public bool InCapsule { get; private set; }

    /// <summary>Its capsule was given to the send queue: the controller can know of it.</summary>
    public bool IsSent { get; set; }

    public void Begin(HostCommand command, ushort commandId, bool inCapsule)
    {
        _command = command;
        _completed = false;
        _sending = true;
        IsSent = false;
        CommandId = commandId;
        Data = command.Direction == DataDirection.None ? default : command.Data.Retain();
        InCapsule = inCapsule;
        _exposed = !Data.IsEmpty && !inCapsule;
    }

    /// <summary>The adapter is done with the capsule, or never got it.</summary>
    public void EndSending()
    {
        _sending = false;
        ReleaseWhenDone();
    }

    /// <summary>The controller answered: it is through with the data.</summary>
    public void Answer(in CompletionQueueEntry completion)
    {
        _exposed = false;
        Complete(completion, null);
    }

    public void Fail(Exception error) => Complete(default, error);

    /// <summary>The queue pair is destroyed; or, not <paramref name="proven"/>, it cannot be, and the data is never used again.</summary>
    /// <returns>Bytes put into quarantine.</returns>
    public long Fence(bool proven)
    {
        long quarantined = 0;
        if (!proven && !Data.IsEmpty && (_exposed || (_sending && InCapsule)))
        {
            _quarantined = true;
            quarantined = Data.Length;
            Data.Quarantine();
            Data = default;
        }

        _exposed = _sending = false;
        ReleaseWhenDone();
        return quarantined;
    }

    private void Complete(in CompletionQueueEntry completion, Exception? error)
    {
        _completed = true;
        try
        {
            _command!.OnCompleted(completion, error);
        }
        finally
        {
            ReleaseWhenDone();
        }
    }

    private void ReleaseWhenDone()
    {
        if (!_completed || _sending || _exposed || _command is not { } command)
        {
            return;
        }

        Data.Release();
        Data = default;
        _command = null;
        bool quarantined = _quarantined;
        _quarantined = false;
        owner.Return(this);
        owner.TellReleased(command, quarantined);
    }
}
