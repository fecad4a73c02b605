using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Abstractions.Tests.Lifecycle;

/// <summary>Negative controls: the real function with one mistake each, of the kind that F1 and F2 were made of.</summary>
internal static class BrokenNext
{
    /// <summary>By name, with the violation that the walker must report (among others).</summary>
    public static Dictionary<string, (LifecycleWalker.NextFunction Next, string Violation)> All { get; } = new()
    {
        ["destroys while an event is under way"] = (
            (word, operation, kind, count) => DestroyIf(Real(word, operation, kind, count), next => next.State == QueuePairState.Closed),
            "destroyed with a reference out"),
        ["lets late sources in"] = (
            (word, operation, kind, count) => operation == LifecycleOperation.Acquire && word.State == QueuePairState.Closed
                ? new LifecycleTransition(true, word.Add(kind, count), StageCallback.None)
                : Real(word, operation, kind, count),
            "acquired too late"),
        ["drains without counting transmissions"] = (
            (word, operation, kind, count) => CloseIf(
                Real(word, operation, kind, count), next => next.State == QueuePairState.Draining && next.Callback == StageCallback.Draining && !next.IsRunning),
            "closed with bytes on the wire"),
        ["takes an abort for a proof"] = (
            (word, operation, kind, count) => CloseIf(
                Real(word, operation, kind, count), next => next.State == QueuePairState.Aborting && next.Callback == StageCallback.Aborting && !next.IsRunning),
            "closed with bytes on the wire"),
        ["closes without waiting for OnDraining to return"] = (
            (word, operation, kind, count) => CloseIf(
                Real(word, operation, kind, count),
                next => operation == LifecycleOperation.Release && next.State == QueuePairState.Draining && next.IsRunning && next.IsOffTheWire),
            "closed under a callback"),
        ["forgets the commands when it aborts"] = (
            (word, operation, kind, count) => CloseIf(
                Real(word, operation, kind, count), next => next.State == QueuePairState.Aborting && !next.IsRunning && next.IsOffTheWire),
            "closed with commands out before T1"),
        ["has no T1"] = (
            (word, operation, kind, count) => operation == LifecycleOperation.CommandsDeadline ? default : Real(word, operation, kind, count),
            "stuck"),
        ["has no T3"] = (
            (word, operation, kind, count) => operation == LifecycleOperation.AbortDeadline ? default : Real(word, operation, kind, count),
            "stuck"),
        ["goes live after the teardown began"] = (
            (word, operation, kind, count) => operation == LifecycleOperation.GoLive && word.State == QueuePairState.Quiescing
                ? new LifecycleTransition(true, word.With(QueuePairState.Live), StageCallback.None)
                : Real(word, operation, kind, count),
            "the state moved backwards"),
        ["destroys again on a late release"] = (
            (word, operation, kind, count) =>
            {
                LifecycleTransition next = Real(word, operation, kind, count);
                return operation == LifecycleOperation.Release && word.State == QueuePairWord.Destroyed && next.Accepted && next.Word.IsOffTheWire
                    ? next with { Callback = StageCallback.Destroy }
                    : next;
            },
            "a callback twice or out of order"),
        ["calls the next stage while the last one runs"] = (
            (word, operation, kind, count) => operation == LifecycleOperation.TransmissionsDeadline && word.State == QueuePairState.Draining && word.IsRunning
                ? new LifecycleTransition(true, word.With(QueuePairState.Aborting).WithStarted(StageCallback.Aborting), StageCallback.Aborting)
                : Real(word, operation, kind, count),
            "two callbacks at once"),
        ["refuses the release of what it abandoned"] = (
            (word, operation, kind, count) => operation == LifecycleOperation.Release && word.State == QueuePairWord.Destroyed
                ? default
                : Real(word, operation, kind, count),
            "a release was refused"),
        ["loses a count"] = (
            (word, operation, kind, count) => operation == LifecycleOperation.Acquire && kind == ReferenceKind.Transmission && word.State == QueuePairState.Draining
                ? new LifecycleTransition(true, word, StageCallback.None)
                : Real(word, operation, kind, count),
            "the word miscounts"),
    };

    private static LifecycleTransition Real(QueuePairWord word, LifecycleOperation operation, ReferenceKind kind, int count) =>
        QueuePairWord.Next(word, operation, kind, count);

    private static LifecycleTransition CloseIf(LifecycleTransition next, Func<QueuePairWord, bool> condition) =>
        next.Accepted && condition(next.Word)
            ? DestroyIf(next with { Word = next.Word.With(QueuePairState.Closed) }, word => word.Count(ReferenceKind.Event) + word.Count(ReferenceKind.Registration) == 0)
            : next;

    private static LifecycleTransition DestroyIf(LifecycleTransition next, Func<QueuePairWord, bool> condition) =>
        next.Accepted && next.Callback == StageCallback.None && !next.Word.IsRunning && condition(next.Word)
            ? new LifecycleTransition(true, next.Word.With(QueuePairWord.Destroyed), StageCallback.Destroy)
            : next;
}
