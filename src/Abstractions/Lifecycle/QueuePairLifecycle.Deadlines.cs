namespace Nvmf.Abstractions.Lifecycle;

/// <summary>T1, T2 and T3 by one timer, made by the teardown.</summary>
public sealed partial class QueuePairLifecycle
{
    // Timers have a limit of 49 days. Firing early does no harm: the clock decides.
    private static readonly TimeSpan MaxTimer = TimeSpan.FromDays(1);

    private readonly DrainDeadlines _deadlines;
    private readonly Lock _deadlineLock = new();
    private ITimer? _timer;
    private long? _drainingSince;
    private long? _abortingSince;
    private int _passedDeadlines;

    private static void CheckDeadline(TimeSpan deadline)
    {
        if (deadline < TimeSpan.Zero && deadline != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(deadline), deadline, "A deadline is zero or more, or Timeout.InfiniteTimeSpan.");
        }
    }

    /// <summary>
    /// Called after every change of state and by the timer: applies deadlines that have passed and sets the timer to the next one. Goes by
    /// the state of now, not by the change that led here, so calls may overtake each other.
    /// </summary>
    private void ReviewDeadlines()
    {
        while (PassedDeadline() is { } operation)
        {
            // Before it is applied: that may destroy, and with it make the report.
            Interlocked.Or(ref _passedDeadlines, (int)StageOf(operation));
            Apply(operation);
        }
    }

    private static DrainStages StageOf(LifecycleOperation deadline) => deadline switch
    {
        LifecycleOperation.CommandsDeadline => DrainStages.Commands,
        LifecycleOperation.TransmissionsDeadline => DrainStages.Transmissions,
        _ => DrainStages.Abort,
    };

    /// <summary>A deadline that has passed; otherwise null, and the timer is set.</summary>
    private LifecycleOperation? PassedDeadline()
    {
        lock (_deadlineLock)
        {
            QueuePairWord word = Word;
            TimeSpan next = Timeout.InfiniteTimeSpan;
            switch (word.State)
            {
                case QueuePairState.Quiescing:
                    if (HasPassed(_deadlines.Commands, _teardown!.StartedAt, ref next))
                    {
                        return LifecycleOperation.CommandsDeadline;
                    }

                    break;
                case QueuePairState.Draining:
                    if (HasPassed(_deadlines.Transmissions, _drainingSince ??= _time.GetTimestamp(), ref next))
                    {
                        return LifecycleOperation.TransmissionsDeadline;
                    }

                    break;
                case QueuePairState.Aborting:
                    if (!word.IsOverdue && word.Count(ReferenceKind.Command) != 0 && HasPassed(_deadlines.Commands, _teardown!.StartedAt, ref next))
                    {
                        return LifecycleOperation.CommandsDeadline;
                    }

                    // Accepted once only when nothing is left on the wire, and then it closes the queue pair as soon as OnAborting has returned.
                    if (!(word.IsAbandoned || (word.IsOverdue && word.IsOffTheWire))
                        && HasPassed(_deadlines.Abort, _abortingSince ??= _time.GetTimestamp(), ref next))
                    {
                        return LifecycleOperation.AbortDeadline;
                    }

                    break;
                case QueuePairState.Closed or QueuePairWord.Destroyed:
                    _timer?.Dispose();
                    _timer = null;
                    return null;
            }

            SetTimer(next);
            return null;
        }
    }

    private bool HasPassed(TimeSpan deadline, long since, ref TimeSpan next)
    {
        if (deadline == Timeout.InfiniteTimeSpan)
        {
            return false;
        }

        TimeSpan remaining = deadline - _time.GetElapsedTime(since);
        if (remaining <= TimeSpan.Zero)
        {
            return true;
        }

        if (next == Timeout.InfiniteTimeSpan || remaining < next)
        {
            next = remaining;
        }

        return false;
    }

    private void SetTimer(TimeSpan due)
    {
        if (due != Timeout.InfiniteTimeSpan)
        {
            // Rounded up: timers count whole milliseconds, and one that fires early would only be set again.
            due = due > MaxTimer ? MaxTimer : TimeSpan.FromMilliseconds(Math.Ceiling(due.TotalMilliseconds));
        }

        if (_timer is not null)
        {
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
        else if (due != Timeout.InfiniteTimeSpan)
        {
            _timer = _time.CreateTimer(static state => ((QueuePairLifecycle)state!).ReviewDeadlines(), this, due, Timeout.InfiniteTimeSpan);
        }
    }
}
