using Nvmf.Abstractions.Connections;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>The submissions of a host queue pair: those without an answer by command identifier, those in use, and those free for the next command. On the loop only.</summary>
/// <param name="queueSize">Submissions at a time.</param>
/// <param name="onCallbackFailed">A command threw when it was told of its release.</param>
internal sealed class HostSubmissions(int queueSize, Action<Exception> onCallbackFailed)
{
    private readonly OutstandingCommands<HostSubmission> _outstanding = new(queueSize);
    private readonly List<HostSubmission> _all = [];
    private HostSubmission? _free;

    public bool IsFull => _outstanding.IsFull;

    /// <summary>All submissions ever made, in use or not.</summary>
    public IReadOnlyList<HostSubmission> All => _all;

    public HostSubmission Begin(HostCommand command, bool inCapsule)
    {
        if (_free is not { } submission)
        {
            submission = new HostSubmission(this);
            _all.Add(submission);
        }

        _free = submission.Next;
        submission.Next = null;
        submission.Begin(command, _outstanding.Add(submission), inCapsule);
        return submission;
    }

    /// <summary>The submission with this identifier that has no answer yet; null when there is none.</summary>
    public HostSubmission? Find(ushort commandId) => _outstanding.Find(commandId);

    /// <summary>The command is complete: its identifier can be used again.</summary>
    public void Forget(HostSubmission submission) => _outstanding.Remove(submission.CommandId);

    /// <summary>Any submission without an answer, or null.</summary>
    public HostSubmission? FirstOutstanding() => _outstanding.FirstOrDefault();

    /// <summary>The submission is released.</summary>
    public void Return(HostSubmission submission)
    {
        submission.Next = _free;
        _free = submission;
    }

    /// <summary>What one command throws must not keep the others from being told.</summary>
    public void TellReleased(HostCommand command, bool quarantined)
    {
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
