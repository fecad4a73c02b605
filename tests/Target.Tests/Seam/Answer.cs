using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Tests.Seam;

/// <summary>What the host gets back for a command.</summary>
/// <param name="Completion">The completion; default when dropped or refused.</param>
/// <param name="Data">Data sent to the host.</param>
/// <param name="Ending">How the command ended.</param>
public sealed record Answer(CompletionQueueEntry Completion, byte[] Data, AnswerEnding Ending)
{
    public NvmeStatus Status => Completion.Status;

    /// <summary>Status without Do Not Retry.</summary>
    public NvmeStatus Code => new((ushort)(Completion.Status.Value & 0x7FF));
}

public enum AnswerEnding
{
    Completed,
    Dropped,
    Refused,
}
