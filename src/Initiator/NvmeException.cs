using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator;

/// <summary>The controller answered a command with an error status.</summary>
public sealed class NvmeException : IOException
{
    internal NvmeException(string command, in CompletionQueueEntry completion, string? detail = null, bool fabricsCommand = false)
        : base(Describe(command, completion.Status, detail, fabricsCommand))
    {
        Command = command;
        Completion = completion;
    }

    /// <summary>The command, as in "Read".</summary>
    public string Command { get; }

    /// <summary>What the controller answered.</summary>
    public CompletionQueueEntry Completion { get; }

    /// <summary>Status code type, status code and Do Not Retry.</summary>
    public NvmeStatus Status => Completion.Status;

    // SCT 1h codes from 80h on mean one thing for fabrics commands and another for I/O commands.
    private static string Describe(string command, NvmeStatus status, string? detail, bool fabricsCommand) =>
        $"{command} failed: {(fabricsCommand ? $"{status.Describe(fabricsCommand: true)} (SCT {status.CodeType:X1}h SC {status.Code:X2}h{(status.DoNotRetry ? ", do not retry" : "")})" : status)}"
        + (detail is null ? "." : $": {detail}.");
}
