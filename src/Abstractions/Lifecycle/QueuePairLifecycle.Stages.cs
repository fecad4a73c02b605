using System.Runtime.CompilerServices;

namespace Nvmf.Abstractions.Lifecycle;

/// <summary>Swapping words, and carrying out what the swaps ask for.</summary>
public sealed partial class QueuePairLifecycle
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Apply(LifecycleOperation operation, ReferenceKind kind = default, int count = 1)
    {
        ulong seen = Volatile.Read(ref _word);
        while (true)
        {
            LifecycleTransition next = QueuePairWord.Next(new QueuePairWord(seen), operation, kind, count);
            if (!next.Accepted)
            {
                return false;
            }

            ulong before = Interlocked.CompareExchange(ref _word, next.Word.Bits, seen);
            if (before == seen)
            {
                if (next.Callback != StageCallback.None || next.Word.State != new QueuePairWord(seen).State)
                {
                    CarryOut(next);
                }

                return true;
            }

            seen = before;
        }
    }

    /// <summary>
    /// The word says which callback to run, and that nobody else runs one until we report its return; the report may hand us the next.
    /// </summary>
    private void CarryOut(LifecycleTransition transition)
    {
        ReviewDeadlines();
        if (transition.Callback == StageCallback.Destroy)
        {
            Destroy(transition.Word);
        }
        else if (transition.Callback != StageCallback.None)
        {
            Run(transition.Callback);
            Apply(LifecycleOperation.StageReturned);
        }
    }

    private void Run(StageCallback callback)
    {
        try
        {
            switch (callback)
            {
                case StageCallback.Quiescing:
                    _stages.OnQuiescing(Cause);
                    break;
                case StageCallback.Draining:
                    _stages.OnDraining();
                    break;
                case StageCallback.Aborting:
                    _stages.OnAborting();
                    break;
                case StageCallback.Abandoned:
                    _stages.OnAbandoned();
                    break;
            }
        }
        catch (Exception exception)
        {
            // The thread is an innocent one that released a reference, or a timer's: the report is the place for this.
            _teardown!.AddFailure(exception);
            Apply(LifecycleOperation.Abort);
        }
    }

    private void Destroy(QueuePairWord word)
    {
        TeardownRecord teardown = _teardown!;
        try
        {
            _stages.OnDestroy();
        }
        catch (Exception exception)
        {
            teardown.AddFailure(exception);
        }

        var report = new DrainReport(
            Id,
            teardown.Cause,
            teardown.LaterCauses,
            teardown.Error,
            word.Callback >= StageCallback.Aborting ? QueuePairState.Aborting : QueuePairState.Draining,
            Interlocked.Read(ref _drainedBytes),
            Interlocked.Read(ref _abortedBytes),
            Interlocked.Read(ref _quarantinedBytes),
            word.Count(ReferenceKind.Command),
            Interlocked.Read(ref _lateEvents),
            _time.GetElapsedTime(teardown.StartedAt))
        {
            PassedDeadlines = (DrainStages)Volatile.Read(ref _passedDeadlines),
        };
        _ = CompleteAsync(report);
    }

    private async Task CompleteAsync(DrainReport report)
    {
        try
        {
            await _stages.OnDestroyed(report).ConfigureAwait(false);
        }
        finally
        {
            _completion.SetResult(report);
        }
    }
}
