using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Teardown.Tests.Hosts;

namespace Nvmf.Teardown.Tests;

/// <summary>What one <see cref="ProofCase"/> showed.</summary>
/// <param name="Case">Which.</param>
/// <param name="Seen">What the host accepted.</param>
/// <param name="WasReset">The reading queue's connection ended with a RST.</param>
/// <param name="Report">Of the reading queue's pair.</param>
/// <param name="Reports">Of all.</param>
/// <param name="HeldBlocks">Buffers rented when every queue pair had ended.</param>
/// <param name="Pool">Gauges after the stop of the host.</param>
/// <param name="QueuePairs">Listed after the stop.</param>
/// <param name="Connections">Not destroyed after the stop.</param>
internal sealed record ProofResult(
    string Case,
    StreamChecker Seen,
    bool WasReset,
    DrainReport Report,
    DrainReport[] Reports,
    long HeldBlocks,
    BufferPoolStatistics Pool,
    int QueuePairs,
    long Connections)
{
    public override string ToString() =>
        $"{Case}: {Seen.GoodBlocks} good and {Seen.CorruptBlocks} corrupt blocks ({Seen.FirstFault ?? "no fault"}), {(WasReset ? "RST" : "FIN")}, "
        + $"{Report.Cause} by {Report.LastStage} in {Report.Elapsed.TotalMilliseconds:0} ms, passed {Report.PassedDeadlines}, "
        + $"{Report.DrainedBytes} drained, {Report.AbortedBytes} aborted, {Report.AbandonedCommands} abandoned";
}
