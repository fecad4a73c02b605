namespace Nvmf.Abstractions.Lifecycle;

/// <summary>How long each stage of a teardown may take before the next one begins (invariant I8).</summary>
/// <remarks>Zero: the stage ends at once. <see cref="Timeout.InfiniteTimeSpan"/>: it has no deadline (for tests).</remarks>
/// <param name="Commands">T1: commands outstanding at the back end, from the beginning of the teardown (<see cref="QueuePairState.Quiescing"/>).</param>
/// <param name="Transmissions">T2: queued bytes or work requests towards the peer (<see cref="QueuePairState.Draining"/>).</param>
/// <param name="Abort">T3: the kernel's or the adapter's proof after the abort (<see cref="QueuePairState.Aborting"/>).</param>
public readonly record struct DrainDeadlines(TimeSpan Commands, TimeSpan Transmissions, TimeSpan Abort)
{
    /// <summary>5 s, 5 s, 10 s.</summary>
    public static DrainDeadlines Default { get; } = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
}
