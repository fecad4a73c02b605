namespace Nvmf.EventLoop;

/// <summary>
/// A timer of one <see cref="EventLoopThread"/>: derive, embed, re-arm as often as wanted. Nothing is allocated, and moving the due time further
/// away (what a command does to its connection's timer) is one assignment.
/// </summary>
/// <remarks>Use on the loop only.</remarks>
public abstract class LoopTimer : IFailureHandler
{
    internal const long Never = long.MaxValue;
    private readonly EventLoopThread _loop;

    /// <summary>When to fire, on the loop's clock; <see cref="Never"/> when stopped.</summary>
    internal long Due = Never;

    /// <summary>What the heap is ordered by: at or before <see cref="Due"/>.</summary>
    internal long HeapKey;

    /// <summary>Place in the heap, or −1.</summary>
    internal int HeapIndex = -1;

    /// <summary>Makes a stopped timer.</summary>
    protected LoopTimer(EventLoopThread loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        _loop = loop;
    }

    /// <summary>True between <see cref="Start"/> and the call of <see cref="OnDue"/>.</summary>
    public bool IsArmed => Due != Never;

    /// <summary>
    /// Arms the timer, or moves it when it is armed. The time counts from the beginning of the loop's current batch and is rounded up to
    /// milliseconds.
    /// </summary>
    public void Start(TimeSpan dueTime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        _loop.StartTimer(this, dueTime);
    }

    /// <summary>Disarms the timer.</summary>
    public void Stop() => _loop.StopTimer(this);

    /// <summary>The time is up. On the loop; the timer is stopped and may be started again.</summary>
    protected internal abstract void OnDue();

    /// <inheritdoc/>
    public abstract void OnFailure(Exception exception);
}
