namespace Nvmf.Abstractions.Connections;

/// <summary>The submissions of a host queue pair: those without an answer by command identifier, those in use, and those free for the next command.</summary>
/// <param name="queueSize">Submissions without an answer at a time.</param>
/// <param name="onCallbackFailed">A command threw when it was told of its release.</param>
/// <remarks>On the loop only. Allocates nothing once there are as many as the queue pair needs.</remarks>
internal sealed class HostSubmissions<TSubmission>(int queueSize, Action<Exception> onCallbackFailed) : IHostSubmissionOwner
    where TSubmission : HostSubmission, new()
{
    private readonly OutstandingCommands<TSubmission> _outstanding = new(queueSize);
    private readonly List<TSubmission> _all = [];
    private HostSubmission? _free;

    public bool IsFull => _outstanding.IsFull;

    /// <summary>All submissions ever made, in use or not.</summary>
    public IReadOnlyList<TSubmission> All => _all;

    public TSubmission Begin(HostCommand command, bool inCapsule)
    {
        if (_free is not TSubmission submission)
        {
            submission = new TSubmission();
            _all.Add(submission);
        }

        _free = submission.NextFree;
        submission.NextFree = null;
        submission.Begin(this, command, _outstanding.Add(submission), inCapsule);
        return submission;
    }

    /// <summary>The submission with this identifier that has no answer yet; null when there is none.</summary>
    public TSubmission? Find(ushort commandId) => _outstanding.Find(commandId);

    /// <summary>The command is complete: its identifier can be used again.</summary>
    public void Forget(TSubmission submission) => _outstanding.Remove(submission.CommandId);

    /// <summary>Any submission without an answer, or null.</summary>
    public TSubmission? FirstOutstanding() => _outstanding.FirstOrDefault();

    /// <summary>
    /// Comes out of the transport's walk over everything that one notification, or the end, proved: what one command throws must not keep the others from being
    /// told, nor the queue pair from its end.
    /// </summary>
    void IHostSubmissionOwner.OnEnded(HostSubmission submission, HostCommand command, bool quarantined)
    {
        submission.NextFree = _free;
        _free = submission;
        try
        {
            if (quarantined)
            {
                command.OnQuarantined();
            }
            else
            {
                command.OnReleased();
            }
        }
        catch (Exception exception)
        {
            onCallbackFailed(exception);
        }
    }
}
