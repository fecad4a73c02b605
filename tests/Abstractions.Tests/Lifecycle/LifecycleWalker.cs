using Nvmf.Abstractions.Lifecycle;
using static Nvmf.Abstractions.Tests.Lifecycle.JointState;

namespace Nvmf.Abstractions.Tests.Lifecycle;

/// <summary>
/// Walks every joint state that a set of actors can reach over a <c>Next</c> function. Every change of a queue pair is one
/// compare-and-swap of that function, so all interleavings of threads are all sequences of its operations.
/// </summary>
internal sealed class LifecycleWalker(LifecycleWalker.NextFunction next, Field[] actors)
{
    // Actors with the same program: interchangeable.
    private static readonly (Field First, Field Second)[] Twins =
        [(Field.Command0, Field.Command1), (Field.Transmission0, Field.Transmission1), (Field.Event0, Field.Event1)];

    private static readonly (StageCallback Callback, Field Work)[] Works =
    [
        (StageCallback.Draining, Field.DrainingWork),
        (StageCallback.Aborting, Field.AbortingWork),
        (StageCallback.Abandoned, Field.AbandonedWork),
    ];

    private readonly (Field, Field)[] _twins = [.. Twins.Where(pair => actors.Contains(pair.First) && actors.Contains(pair.Second))];
    private readonly HashSet<JointState> _visited = [];
    private readonly Stack<JointState> _open = [];

    internal delegate LifecycleTransition NextFunction(QueuePairWord word, LifecycleOperation operation, ReferenceKind kind, int count);

    public int States => _visited.Count;

    public int Steps { get; private set; }

    /// <summary>Broken invariants, each with the step that broke it first.</summary>
    public SortedDictionary<string, string> Violations { get; } = [];

    public void Walk()
    {
        Visit(default);
        while (_open.TryPop(out JointState state))
        {
            foreach (Field actor in actors)
            {
                StepActor(state, actor);
            }

            if (state[Field.Running] != 0)
            {
                StepCallback(state);
            }

            // Timers may come late, and in any state.
            Apply(state, LifecycleOperation.GoLive);
            Apply(state, LifecycleOperation.CommandsDeadline);
            Apply(state, LifecycleOperation.TransmissionsDeadline);
            Apply(state, LifecycleOperation.AbortDeadline);
            CheckTheEndIsNear(state);
        }
    }

    private void StepActor(JointState state, Field actor)
    {
        int at = state[actor];
        switch (actor)
        {
            case Field.Command0 or Field.Command1:
                StepCommand(state, actor, at);
                break;
            case Field.Closer0 or Field.Closer1 or Field.Aborter:
                StepTeardown(state, actor, at);
                break;
            case Field.DrainingWork or Field.AbortingWork or Field.AbandonedWork:
                // Acquired inside of the callback only; given back at any time after.
                if (at == 1)
                {
                    Apply(state, LifecycleOperation.Release, KindOf(actor), actor, 2);
                }

                break;
            default:
                StepHolder(state, actor, at);
                break;
        }
    }

    private void StepCommand(JointState state, Field actor, int at)
    {
        if (at == 0)
        {
            Apply(state, LifecycleOperation.Acquire, ReferenceKind.Command, actor, 1);
        }
        else if (at == 1)
        {
            Apply(state, LifecycleOperation.Acquire, ReferenceKind.Transmission, actor, 2);
            Apply(state, LifecycleOperation.Release, ReferenceKind.Command, actor, 4);
        }
        else if (at == 2)
        {
            Apply(state, LifecycleOperation.Release, ReferenceKind.Command, actor, 3);
        }
        else if (at == 3)
        {
            Apply(state, LifecycleOperation.Release, ReferenceKind.Transmission, actor, 4);
        }
    }

    private void StepHolder(JointState state, Field actor, int at)
    {
        if (at == 0)
        {
            Apply(state, LifecycleOperation.Acquire, KindOf(actor), actor, 1);
        }
        else if (at == 1)
        {
            Apply(state, LifecycleOperation.Release, KindOf(actor), actor, 2);
        }
    }

    /// <summary>As in BeginTeardown and Abort: record the cause, then apply the operation; others get in between.</summary>
    private void StepTeardown(JointState state, Field actor, int at)
    {
        bool aborts = actor == Field.Aborter;
        if (at == 0)
        {
            bool first = state[Field.Cause] == 0;
            int cause = actor == Field.Closer0 ? 1 : aborts ? 3 : 2;
            JointState recorded = state.With(actor, first || aborts ? 1 : 2);
            Visit(first ? recorded.With(Field.Cause, cause) : recorded);
        }
        else if (at == 1)
        {
            LifecycleOperation operation = aborts ? LifecycleOperation.Abort : LifecycleOperation.BeginTeardown;
            if (!Apply(state, operation, default, actor, 2))
            {
                Visit(state.With(actor, 2));
            }
        }
    }

    private void StepCallback(JointState state)
    {
        foreach ((StageCallback callback, Field work) in Works)
        {
            if (state.Word.Callback == callback && state[work] == 0 && actors.Contains(work))
            {
                Apply(state, LifecycleOperation.Acquire, KindOf(work), work, 1);
            }
        }

        Apply(state, LifecycleOperation.StageReturned);
    }

    private bool Apply(JointState state, LifecycleOperation operation, ReferenceKind kind = default, Field? actor = null, int to = 0)
    {
        if (!TryApply(state, operation, kind, actor, to, out JointState after))
        {
            return false;
        }

        Visit(after);
        return true;
    }

    private bool TryApply(JointState state, LifecycleOperation operation, ReferenceKind kind, Field? actor, int to, out JointState after)
    {
        Steps++;
        LifecycleTransition transition = next(state.Word, operation, kind, 1);
        after = state;
        if (!transition.Accepted)
        {
            if (operation == LifecycleOperation.Release)
            {
                Report("a release was refused", state, operation, kind, state);
            }

            return false;
        }

        after = (actor is { } moved ? state.With(moved, to) : state).With(transition.Word);
        after = operation switch
        {
            LifecycleOperation.CommandsDeadline => after.With(Field.CommandsGivenUp, 1),
            LifecycleOperation.AbortDeadline => after.With(Field.CommandsGivenUp, 1).With(Field.WireGivenUp, 1),
            LifecycleOperation.StageReturned => Returned(after),
            _ => after,
        };
        string? violation = LifecycleObserver.Judge(state, after, operation, kind, transition.Callback);
        if (transition.Callback != StageCallback.None)
        {
            after = after.WithSeen(transition.Callback).With(Field.Running, transition.Callback == StageCallback.Destroy ? 0 : 1);
        }

        if (violation is not null)
        {
            Report(violation, state, operation, kind, after);
            return false;
        }

        return true;
    }

    private static JointState Returned(JointState state)
    {
        JointState after = state.With(Field.Running, 0);
        return state.Word.Callback == StageCallback.Abandoned ? after.With(Field.AbandonedReturned, 1) : after;
    }

    private void Visit(JointState state)
    {
        foreach ((Field first, Field second) in _twins)
        {
            state = state.Sort(first, second);
        }

        if (_visited.Add(state))
        {
            _open.Push(state);
        }
    }

    /// <summary>
    /// Never stuck, and bounded: however things stand, a teardown, the deadlines, the return of callbacks and the release of events and
    /// registrations lead to the end. No peer, kernel, adapter or back end has a say.
    /// </summary>
    private void CheckTheEndIsNear(JointState state)
    {
        JointState at = state;
        Force(LifecycleOperation.BeginTeardown);
        foreach (LifecycleOperation deadline in (LifecycleOperation[])
            [LifecycleOperation.CommandsDeadline, LifecycleOperation.TransmissionsDeadline, LifecycleOperation.AbortDeadline])
        {
            while (at[Field.Running] != 0 && Force(LifecycleOperation.StageReturned))
            {
            }

            Force(deadline);
        }

        while (at[Field.Running] != 0 && Force(LifecycleOperation.StageReturned))
        {
        }

        foreach (Field actor in actors)
        {
            if (KindOf(actor) is ReferenceKind.Event or ReferenceKind.Registration && at[actor] == 1)
            {
                Force(LifecycleOperation.Release, KindOf(actor), actor, 2);
            }
        }

        if (!at.HasSeen(StageCallback.Destroy))
        {
            Report("stuck", state, default, default, at);
        }

        bool Force(LifecycleOperation operation, ReferenceKind kind = default, Field? actor = null, int to = 0)
        {
            bool applied = TryApply(at, operation, kind, actor, to, out JointState after);
            at = applied ? after : at;
            return applied;
        }
    }

    private void Report(string violation, JointState before, LifecycleOperation operation, ReferenceKind kind, JointState after) =>
        Violations.TryAdd(violation, $"{operation} {kind}: {before} -> {after}");

    private static ReferenceKind KindOf(Field actor) => actor switch
    {
        Field.Command0 or Field.Command1 => ReferenceKind.Command,
        Field.Transmission0 or Field.Transmission1 or Field.DrainingWork => ReferenceKind.Transmission,
        Field.PostedReceive => ReferenceKind.PostedReceive,
        Field.Event0 or Field.Event1 or Field.AbortingWork or Field.AbandonedWork => ReferenceKind.Event,
        Field.Registration => ReferenceKind.Registration,
        _ => ReferenceKind.Command,
    };
}
