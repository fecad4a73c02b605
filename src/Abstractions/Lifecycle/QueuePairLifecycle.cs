namespace Nvmf.Abstractions.Lifecycle;

/// <summary>The reference-counted life of a queue pair (failures F1 and F2; invariants I2, I3, I4, I8).</summary>
/// <remarks>
/// <code>
/// Connecting ──► Live ──► Quiescing ────────► Draining ────────────► Aborting ─────────► Closed ──► destroyed
///      └───────────────►  commands done or T1  all off the wire or T2  all off the wire    events and registrations
///                                │                     └──────────────  or T3 ───────────► gone
///                                └──────────── Abort ────────────────►
/// </code>
/// All members may be called from any thread. See docs/lifecycle.md for the rules of acquiring and releasing.
/// </remarks>
public sealed partial class QueuePairLifecycle
{
    private readonly IQueuePairStages _stages;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<DrainReport> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong _word;
    private TeardownRecord? _teardown;
    private long _lateEvents;
    private long _drainedBytes;
    private long _abortedBytes;
    private long _quarantinedBytes;

    /// <summary>Starts in <see cref="QueuePairState.Connecting"/>.</summary>
    /// <param name="id">Identifier for logs and reports.</param>
    /// <param name="stages">What to do at each stage of the end.</param>
    /// <param name="deadlines">Time allowed to each stage; zero or more, or <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    /// <param name="timeProvider">Clock and timers; the system's by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A deadline is negative.</exception>
    public QueuePairLifecycle(string id, IQueuePairStages stages, DrainDeadlines deadlines, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(stages);
        CheckDeadline(deadlines.Commands);
        CheckDeadline(deadlines.Transmissions);
        CheckDeadline(deadlines.Abort);
        Id = id;
        _stages = stages;
        _deadlines = deadlines;
        _time = timeProvider ?? TimeProvider.System;
    }

    /// <summary>Identifier used in logs and reports.</summary>
    public string Id { get; }

    /// <summary>State at this moment.</summary>
    public QueuePairState State
    {
        get
        {
            QueuePairState state = Word.State;
            return state == QueuePairWord.Destroyed ? QueuePairState.Closed : state;
        }
    }

    /// <summary>The first cause, or <see cref="TeardownCause.None"/>.</summary>
    public TeardownCause Cause => Volatile.Read(ref _teardown)?.Cause ?? TeardownCause.None;

    /// <summary>References at this moment.</summary>
    public QueuePairReferences References
    {
        get
        {
            QueuePairWord word = Word;
            return new QueuePairReferences(
                word.Count(ReferenceKind.Command),
                word.Count(ReferenceKind.Transmission),
                word.Count(ReferenceKind.PostedReceive),
                word.Count(ReferenceKind.Event),
                word.Count(ReferenceKind.Registration));
        }
    }

    /// <summary>Ends with the report after <see cref="IQueuePairStages.OnDestroyed"/>. Never faults. Continuations run on the thread pool.</summary>
    public Task<DrainReport> Completion => _completion.Task;

    private QueuePairWord Word => new(Volatile.Read(ref _word));

    /// <summary>Connecting → Live.</summary>
    /// <returns>False when a teardown came first (or it was live already).</returns>
    public bool TryGoLive() => Apply(LifecycleOperation.GoLive);

    /// <summary>
    /// Acquires a reference while the queue pair is alive: commands in Live, transmissions and posted receives up to Draining,
    /// events and registrations up to Aborting. A refused event is counted as late, and its source must touch nothing.
    /// </summary>
    /// <returns>False also when the count of this kind is at its limit: 8191 commands, 65535 transmissions, 4095 posted receives, 1023 events, 15 registrations.</returns>
    public bool TryAcquire(ReferenceKind kind) => TryAcquire(kind, 1);

    /// <summary>Acquires <paramref name="count"/> references at once, or none.</summary>
    /// <inheritdoc cref="TryAcquire(ReferenceKind)"/>
    public bool TryAcquire(ReferenceKind kind, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (Apply(LifecycleOperation.Acquire, kind, count))
        {
            return true;
        }

        if (kind == ReferenceKind.Event)
        {
            Interlocked.Add(ref _lateEvents, count);
        }

        return false;
    }

    /// <summary>Gives a reference back. The caller must not touch the queue pair afterwards: this may be its end.</summary>
    /// <exception cref="InvalidOperationException">There is no reference of this kind: somebody released twice.</exception>
    public void Release(ReferenceKind kind) => Release(kind, 1);

    /// <summary>Gives <paramref name="count"/> references back at once.</summary>
    /// <inheritdoc cref="Release(ReferenceKind)"/>
    public void Release(ReferenceKind kind, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (!Apply(LifecycleOperation.Release, kind, count))
        {
            throw new InvalidOperationException($"Queue pair {Id} does not have {count} references of kind {kind} to release.");
        }
    }

    /// <summary>Begins the teardown, or notes a later cause.</summary>
    /// <returns>True when this call was the first.</returns>
    public bool BeginTeardown(TeardownCause cause, Exception? error = null)
    {
        ArgumentOutOfRangeException.ThrowIfEqual((int)cause, (int)TeardownCause.None, nameof(cause));
        bool first = RecordCause(cause, error);

        // Refused when a teardown is under way already, or an abort came between: it has begun the teardown then, with the cause just recorded.
        Apply(LifecycleOperation.BeginTeardown);
        return first;
    }

    /// <summary>
    /// Ends several queue pairs for one reason. The cause is recorded for all of them before the first begins: a peer that sees one of its queue pairs end
    /// closes the others at once, and its answer would be reported as their cause.
    /// </summary>
    public static void BeginTeardownOfAll(IReadOnlyCollection<QueuePairLifecycle> group, TeardownCause cause)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentOutOfRangeException.ThrowIfEqual((int)cause, (int)TeardownCause.None, nameof(cause));
        foreach (QueuePairLifecycle lifecycle in group)
        {
            lifecycle.RecordCause(cause, null);
        }

        foreach (QueuePairLifecycle lifecycle in group)
        {
            lifecycle.Apply(LifecycleOperation.BeginTeardown);
        }
    }

    /// <summary>
    /// Skips ahead to Aborting: the connection is already dead (RST), a graceful drain would only run into its deadline. Without a
    /// teardown under way it begins one, with <see cref="TeardownCause.ConnectionReset"/>; call <see cref="BeginTeardown"/> first for another cause.
    /// Commands still outstanding keep their time until T1.
    /// </summary>
    public void Abort()
    {
        if (Volatile.Read(ref _teardown) is null)
        {
            RecordCause(TeardownCause.ConnectionReset, null);
        }

        Apply(LifecycleOperation.Abort);
    }

    /// <summary>Bytes proven off the wire. Counted from Quiescing on: as drained before the abort, as aborted after it.</summary>
    public void AddProven(long bytes)
    {
        switch (Word.State)
        {
            case QueuePairState.Connecting or QueuePairState.Live:
                break;
            case QueuePairState.Quiescing or QueuePairState.Draining:
                Interlocked.Add(ref _drainedBytes, bytes);
                break;
            default:
                Interlocked.Add(ref _abortedBytes, bytes);
                break;
        }
    }

    /// <summary>Bytes put into quarantine.</summary>
    public void AddQuarantined(long bytes) => Interlocked.Add(ref _quarantinedBytes, bytes);

    private bool RecordCause(TeardownCause cause, Exception? error)
    {
        TeardownRecord? earlier = Volatile.Read(ref _teardown)
            ?? Interlocked.CompareExchange(ref _teardown, new TeardownRecord(cause, error, _time.GetTimestamp()), null);
        earlier?.AddLater(cause);
        return earlier is null;
    }
}
