using Nvmf.Abstractions.Connections;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>The submissions of a host queue pair: those without an answer by command identifier, and those free for the next command. On the loop only.</summary>
/// <param name="queueSize">Submissions at a time.</param>
/// <param name="onCallbackFailed">A command threw when it was told of its release.</param>
internal sealed class HostSubmissions(int queueSize, Action<Exception> onCallbackFailed)
{
    private readonly OutstandingCommands<HostSubmission> _outstanding = new(queueSize);
    private HostSubmission? _free;

    public bool IsFull => _outstanding.IsFull;

    public HostSubmission Begin(HostCommand command, bool inCapsule)
    {
        HostSubmission submission = _free ?? new HostSubmission(this);
        _free = submission.NextFree;
        submission.NextFree = null;
        submission.Begin(command, _outstanding.Add(submission), inCapsule);
        return submission;
    }

    /// <summary>The submission with this identifier that has no answer yet; null when there is none.</summary>
    public HostSubmission? Find(ushort commandId) => _outstanding.Find(commandId);

    /// <summary>The command is complete: its identifier can be used again.</summary>
    public void Forget(HostSubmission submission) => _outstanding.Remove(submission.CommandId);

    /// <summary>Any submission without an answer, or null.</summary>
    public HostSubmission? FirstOutstanding() => _outstanding.FirstOrDefault();

    /// <summary>The submission is released: it can be used again.</summary>
    public void Return(HostSubmission submission)
    {
        submission.NextFree = _free;
        _free = submission;
    }

    /// <summary>
    /// Comes out of the connection's walk over everything that one notification, or the end, proved: what one command throws must not keep the others from
    /// being told, nor the connection from its end.
    /// </summary>
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
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            onCallbackFailed(exception);
        }
    }
}
