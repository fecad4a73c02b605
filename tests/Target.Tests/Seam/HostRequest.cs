using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Tests.Seam;

/// <summary>A command as the host sends it.</summary>
public sealed class HostRequest(SubmissionQueueEntry entry)
{
    private static long _answers;
    private readonly TaskCompletionSource<Answer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The entry.</summary>
    public SubmissionQueueEntry Entry = entry;

    /// <summary>Data to send; null for commands that receive, or have none.</summary>
    public byte[]? HostData { get; init; }

    /// <summary>The data travels in the capsule.</summary>
    public bool InCapsule { get; init; }

    /// <summary>Bytes of the SGL when they differ from <see cref="HostData"/>.</summary>
    public uint? DataLength { get; init; }

    /// <summary>What the transport finds wrong.</summary>
    public NvmeStatus TransportStatus { get; init; }

    /// <summary>The host's data arrive when the test says so.</summary>
    public bool WithholdData { get; init; }

    /// <summary>How the transfer of the host's data ends.</summary>
    public NvmeStatus TransferStatus { get; init; }

    public Task<Answer> Answer => _answer.Task;

    public bool IsAnswered => _answer.Task.IsCompleted;

    /// <summary>Place among all answers of the process, from 1; 0 before the answer.</summary>
    public long AnswerOrder { get; private set; }

    public void SetAnswer(Answer answer)
    {
        AnswerOrder = Interlocked.Increment(ref _answers);
        _answer.SetResult(answer);
    }
}
