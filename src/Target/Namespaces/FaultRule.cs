using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Namespaces;

/// <summary>
/// What a <see cref="FaultInjectingBackend"/> does to some requests. A rule without any effect makes its requests complete later, from the
/// thread pool.
/// </summary>
public sealed class FaultRule
{
    private int _applied;

    /// <summary>Only this operation; null for all.</summary>
    public BackendOperation? Operation { get; init; }

    /// <summary>Only requests that this accepts; null for all. Called on event loops, by several at once.</summary>
    public Predicate<BackendRequest>? When { get; init; }

    /// <summary>Part of the matching requests that the rule applies to, 0 to 1. Default 1.</summary>
    public double Rate { get; init; } = 1;

    /// <summary>How many requests the rule applies to at most. Default: any number.</summary>
    public int Limit { get; init; } = int.MaxValue;

    /// <summary>Fail with this status; null does not fail.</summary>
    public NvmeStatus? Status { get; init; }

    /// <summary>
    /// Where the rule acts. True (default): before the inner back end sees the request: a failed one has no effect, a delayed or held one none yet.
    /// False: after the inner back end did it: only the answer is late, wrong or missing.
    /// </summary>
    public bool BeforeExecution { get; init; } = true;

    /// <summary>Wait this long.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Wait up to this much longer, at random.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Do not go on until <see cref="FaultInjectingBackend.ReleaseHeld"/>.</summary>
    public bool Hold { get; init; }

    /// <summary>Go on in random order with what else is shuffled at the moment. Not together with a delay.</summary>
    public bool Shuffle { get; init; }

    /// <summary>Complete from another thread, even without a wait.</summary>
    public bool CompleteElsewhere { get; init; }

    internal bool FailsBeforeExecution => BeforeExecution && Status != null;

    internal bool IsAsynchronous => CompleteElsewhere || Hold || Shuffle || Delay > TimeSpan.Zero || Jitter > TimeSpan.Zero;

    internal bool AppliesTo(BackendRequest request) =>
        (Operation == null || Operation == request.Operation) && (When == null || When(request));

    // Under the back end's lock.
    internal bool TryCount()
    {
        if (_applied >= Limit)
        {
            return false;
        }

        _applied++;
        return true;
    }
}
