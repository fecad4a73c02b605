namespace Nvmf.Abstractions.Lifecycle;

/// <summary>What happened at the end of a queue pair.</summary>
/// <param name="QueuePairId">The queue pair.</param>
/// <param name="Cause">The first cause.</param>
/// <param name="LaterCauses">Causes that came while the teardown was under way, in order; at most 16.</param>
/// <param name="Error">The exception behind the first cause, or the first that escaped from a stage callback.</param>
/// <param name="LastStage">The furthest stage needed: <see cref="QueuePairState.Draining"/> for a graceful end, <see cref="QueuePairState.Aborting"/> otherwise.</param>
/// <param name="DrainedBytes">Bytes proven off the wire between the beginning of the teardown and the abort.</param>
/// <param name="AbortedBytes">Bytes proven off the wire by the abort.</param>
/// <param name="QuarantinedBytes">Bytes without proof at the end of T3: leaked on purpose.</param>
/// <param name="AbandonedCommands">Commands the back end had still not answered at the end; T1 had passed.</param>
/// <param name="LateEvents">Events refused because the queue pair was already closed (or had more than 1023 under way).</param>
/// <param name="Elapsed">From the first cause to the end.</param>
public sealed record DrainReport(
    string QueuePairId,
    TeardownCause Cause,
    IReadOnlyList<TeardownCause> LaterCauses,
    Exception? Error,
    QueuePairState LastStage,
    long DrainedBytes,
    long AbortedBytes,
    long QuarantinedBytes,
    int AbandonedCommands,
    long LateEvents,
    TimeSpan Elapsed)
{
    /// <summary>Deadlines that passed: stages that did not end by themselves.</summary>
    public DrainStages PassedDeadlines { get; init; }
}
