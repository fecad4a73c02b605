using Nvmf.Abstractions.Lifecycle;
using static Nvmf.Abstractions.Tests.Lifecycle.JointState;

namespace Nvmf.Abstractions.Tests.Lifecycle;

/// <summary>Judges one step of a <see cref="LifecycleWalker"/> against invariants I2, I3 and I4, by what the actors hold, not by what the word says.</summary>
internal static class LifecycleObserver
{
    /// <summary>Null, or the invariant that the step breaks. <paramref name="after"/> has the new word and the actors as they stand after the step.</summary>
    public static string? Judge(JointState before, JointState after, LifecycleOperation operation, ReferenceKind kind, StageCallback callback)
    {
        QueuePairState state = before.Word.State;
        if (after.Word.State < state)
        {
            return "the state moved backwards";
        }

        if (operation == LifecycleOperation.Acquire && state > LastStateFor(kind))
        {
            return "acquired too late";
        }

        if (operation == LifecycleOperation.Acquire && kind == ReferenceKind.Command && state != QueuePairState.Live)
        {
            return "a command before Live";
        }

        for (ReferenceKind each = ReferenceKind.Command; each <= ReferenceKind.Registration; each++)
        {
            if (after.Word.Count(each) != Held(after, each))
            {
                return "the word miscounts";
            }
        }

        return JudgeCallback(before, after, callback) ?? JudgeClose(before, after);
    }

    private static string? JudgeCallback(JointState before, JointState after, StageCallback callback)
    {
        if (callback == StageCallback.None)
        {
            return null;
        }

        // The step that reports a callback's return has cleared Running already.
        if (after[Field.Running] != 0)
        {
            return "two callbacks at once";
        }

        if (before[Field.Seen] >> ((int)callback - 1) != 0)
        {
            return "a callback twice or out of order";
        }

        if (callback != StageCallback.Quiescing && !before.HasSeen(StageCallback.Quiescing))
        {
            return "a callback before OnQuiescing";
        }

        return callback switch
        {
            StageCallback.Draining when after.Word.State != QueuePairState.Draining => "OnDraining outside of Draining",
            StageCallback.Abandoned when before[Field.WireGivenUp] == 0 && after[Field.WireGivenUp] == 0 => "abandoned before T3",
            StageCallback.Destroy => JudgeDestroy(after),
            _ => null,
        };
    }

    private static string? JudgeDestroy(JointState after)
    {
        if (Held(after, ReferenceKind.Event) != 0 || Held(after, ReferenceKind.Registration) != 0)
        {
            return "destroyed with a reference out";
        }

        return after.Word.State < QueuePairState.Closed ? "destroyed before Closed" : null;
    }

    /// <summary>What must be true when the state becomes Closed (or beyond).</summary>
    private static string? JudgeClose(JointState before, JointState after)
    {
        if (before.Word.State >= QueuePairState.Closed || after.Word.State < QueuePairState.Closed)
        {
            return null;
        }

        if (!after.HasSeen(StageCallback.Draining) && !after.HasSeen(StageCallback.Aborting))
        {
            return "closed without a drain";
        }

        if (after[Field.Running] != 0)
        {
            return "closed under a callback";
        }

        if (Held(after, ReferenceKind.Transmission) + Held(after, ReferenceKind.PostedReceive) != 0 && after[Field.AbandonedReturned] == 0)
        {
            return "closed with bytes on the wire";
        }

        return Held(after, ReferenceKind.Command) != 0 && after[Field.CommandsGivenUp] == 0 ? "closed with commands out before T1" : null;
    }

    private static QueuePairState LastStateFor(ReferenceKind kind) => kind switch
    {
        ReferenceKind.Command => QueuePairState.Live,
        ReferenceKind.Transmission or ReferenceKind.PostedReceive => QueuePairState.Draining,
        _ => QueuePairState.Aborting,
    };

    private static int Held(JointState state, ReferenceKind kind) => kind switch
    {
        ReferenceKind.Command => Is(state, Field.Command0, 1, 2) + Is(state, Field.Command1, 1, 2),
        ReferenceKind.Transmission => Is(state, Field.Command0, 2, 3) + Is(state, Field.Command1, 2, 3)
            + Is(state, Field.Transmission0, 1, 1) + Is(state, Field.Transmission1, 1, 1) + Is(state, Field.DrainingWork, 1, 1),
        ReferenceKind.PostedReceive => Is(state, Field.PostedReceive, 1, 1),
        ReferenceKind.Event => Is(state, Field.Event0, 1, 1) + Is(state, Field.Event1, 1, 1)
            + Is(state, Field.AbortingWork, 1, 1) + Is(state, Field.AbandonedWork, 1, 1),
        _ => Is(state, Field.Registration, 1, 1),
    };

    private static int Is(JointState state, Field field, int from, int to) => state[field] >= from && state[field] <= to ? 1 : 0;
}
