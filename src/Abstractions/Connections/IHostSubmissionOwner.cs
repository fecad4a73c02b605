namespace Nvmf.Abstractions.Connections;

/// <summary>Whoever lends out a <see cref="HostSubmission"/>.</summary>
internal interface IHostSubmissionOwner
{
    /// <summary>Released, or quarantined: the submission can be used again, and <paramref name="command"/> is to be told. On the loop; does not throw.</summary>
    void OnEnded(HostSubmission submission, HostCommand command, bool quarantined);
}
