using System.Runtime.CompilerServices;

namespace Nvmf.Abstractions.Lifecycle;

/// <summary>The whole behaviour of <see cref="QueuePairLifecycle"/> as a pure function, so that a test can walk all of it.</summary>
internal readonly partial struct QueuePairWord
{
    /// <summary>What <paramref name="operation"/> makes of <paramref name="word"/>; kind and count matter to acquisitions and releases only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LifecycleTransition Next(QueuePairWord word, LifecycleOperation operation, ReferenceKind kind = default, int count = 1) =>
        operation switch
        {
            LifecycleOperation.Acquire => Acquire(word, kind, count),
            LifecycleOperation.Release => Release(word, kind, count),
            _ => NextStage(word, operation),
        };

    private static LifecycleTransition Acquire(QueuePairWord word, ReferenceKind kind, int count)
    {
        QueuePairState state = word.State;
        bool allowed = kind switch
        {
            ReferenceKind.Command => state == QueuePairState.Live,
            ReferenceKind.Transmission or ReferenceKind.PostedReceive => state <= QueuePairState.Draining,
            _ => state <= QueuePairState.Aborting,
        };

        // Acquiring more never advances anything: no need to settle.
        return allowed && count <= Limit(kind) - word.Count(kind)
            ? new LifecycleTransition(true, word.Add(kind, count), StageCallback.None)
            : Refused(word);
    }

    private static LifecycleTransition Release(QueuePairWord word, ReferenceKind kind, int count)
    {
        if (word.Count(kind) < count)
        {
            return Refused(word);
        }

        QueuePairWord next = word.Subtract(kind, count);
        return word.State <= QueuePairState.Live ? new LifecycleTransition(true, next, StageCallback.None) : Settle(next);
    }

    private static LifecycleTransition NextStage(QueuePairWord word, LifecycleOperation operation)
    {
        QueuePairState state = word.State;
        return operation switch
        {
            LifecycleOperation.GoLive when state == QueuePairState.Connecting =>
                new LifecycleTransition(true, word.With(QueuePairState.Live), StageCallback.None),
            LifecycleOperation.BeginTeardown when state < QueuePairState.Quiescing => Settle(word.With(QueuePairState.Quiescing)),
            LifecycleOperation.Abort when state < QueuePairState.Aborting => Settle(word.With(QueuePairState.Aborting)),
            LifecycleOperation.CommandsDeadline when state == QueuePairState.Quiescing => Settle(word.With(QueuePairState.Draining).WithOverdue()),
            LifecycleOperation.CommandsDeadline when state == QueuePairState.Aborting && !word.IsOverdue => Settle(word.WithOverdue()),
            LifecycleOperation.TransmissionsDeadline when state == QueuePairState.Draining => Settle(word.With(QueuePairState.Aborting)),
            LifecycleOperation.AbortDeadline when state == QueuePairState.Aborting && !word.IsAbandoned =>
                Settle(word.IsOffTheWire ? word.WithOverdue() : word.WithOverdue().WithAbandoned()),
            LifecycleOperation.StageReturned when word.IsRunning => Settle(word.WithReturned()),
            _ => Refused(word),
        };
    }

    private static LifecycleTransition Refused(QueuePairWord word) => new(false, word, StageCallback.None);

    /// <summary>
    /// Goes on as far as the counts allow. Callbacks run one at a time, whichever threads advance the state meanwhile, and no stage is
    /// left of its own accord before its callback has returned: only deadlines and aborts move the state past a callback that is running.
    /// </summary>
    private static LifecycleTransition Settle(QueuePairWord word)
    {
        while (!word.IsRunning)
        {
            StageCallback due = Due(word);
            if (due != StageCallback.None)
            {
                return new LifecycleTransition(true, word.WithStarted(due), due);
            }

            switch (word.State)
            {
                case QueuePairState.Quiescing when word.Count(ReferenceKind.Command) == 0:
                    word = word.With(QueuePairState.Draining);
                    continue;

                // Commands still out here are overdue: the flush does not wait for them.
                case QueuePairState.Draining when word.IsOffTheWire:
                case QueuePairState.Aborting when word.Callback == StageCallback.Abandoned:
                case QueuePairState.Aborting when word.IsOffTheWire && (word.IsOverdue || word.Count(ReferenceKind.Command) == 0):
                    word = word.With(QueuePairState.Closed);
                    continue;

                // What T1 and T3 gave up does not hold up the end; its later releases change the counts and nothing else.
                case QueuePairState.Closed when word.Count(ReferenceKind.Event) == 0 && word.Count(ReferenceKind.Registration) == 0:
                    return new LifecycleTransition(true, word.With(Destroyed), StageCallback.Destroy);
            }

            break;
        }

        return new LifecycleTransition(true, word, StageCallback.None);
    }

    /// <summary>The callback that the state asks for and that has not been started. OnDraining is skipped when an abort overtakes it.</summary>
    private static StageCallback Due(QueuePairWord word) => word.State switch
    {
        >= QueuePairState.Quiescing when word.Callback < StageCallback.Quiescing => StageCallback.Quiescing,
        QueuePairState.Draining when word.Callback < StageCallback.Draining => StageCallback.Draining,
        QueuePairState.Aborting when word.Callback < StageCallback.Aborting => StageCallback.Aborting,
        QueuePairState.Aborting when word.Callback < StageCallback.Abandoned && word.IsAbandoned && !word.IsOffTheWire => StageCallback.Abandoned,
        _ => StageCallback.None,
    };
}
