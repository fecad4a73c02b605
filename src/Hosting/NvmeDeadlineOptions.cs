using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Hosting;

/// <summary>Deadlines of the stages at the end of a queue pair; see <see cref="DrainDeadlines"/>. Each more than 0 and at most 1 h.</summary>
public sealed class NvmeDeadlineOptions
{
    /// <summary>T1: commands at the back end. Default 5 s.</summary>
    public TimeSpan Commands { get; set; } = DrainDeadlines.Default.Commands;

    /// <summary>T2: bytes queued towards the host. Default 5 s.</summary>
    public TimeSpan Transmissions { get; set; } = DrainDeadlines.Default.Transmissions;

    /// <summary>T3: the kernel's or the adapter's proof after the abort. Default 10 s.</summary>
    public TimeSpan Abort { get; set; } = DrainDeadlines.Default.Abort;

    internal DrainDeadlines ToDrainDeadlines() => new(Commands, Transmissions, Abort);
}
