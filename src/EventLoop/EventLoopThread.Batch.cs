using System.Diagnostics;
using Nvmf.EventLoop.Internal;

namespace Nvmf.EventLoop;

public sealed partial class EventLoopThread
{
    private readonly TimerHeap _timers = new();
    private IFlushable[] _flushes = new IFlushable[64];
    private int _flushCount;
    private Counters _statistics;

    /// <summary>Beginning of the current batch, in <see cref="Stopwatch"/> ticks.</summary>
    public long BatchTimestamp => _now;

    /// <summary>Counters. Any thread; each value is read by itself.</summary>
    public EventLoopStatistics Statistics => new(
        Volatile.Read(ref _statistics.Iterations),
        Volatile.Read(ref _statistics.Sleeps),
        Volatile.Read(ref _statistics.Events),
        Volatile.Read(ref _statistics.PostedItems),
        Volatile.Read(ref _statistics.TimersFired),
        Volatile.Read(ref _statistics.LateEvents),
        Volatile.Read(ref _statistics.LargestBatch),
        Volatile.Read(ref _statistics.Failures));

    /// <summary>
    /// Calls <see cref="IFlushable.FlushBatch"/> once the current batch of events, items and timers is over, before the loop sleeps. An object that asks
    /// twice is called twice.
    /// </summary>
    public void RequestFlush(IFlushable flushable)
    {
        if (_flushCount == _flushes.Length)
        {
            Array.Resize(ref _flushes, _flushCount * 2);
        }

        _flushes[_flushCount++] = flushable;
    }

    internal void StartTimer(LoopTimer timer, TimeSpan dueTime)
    {
        double ticks = dueTime.TotalSeconds * Stopwatch.Frequency;
        _timers.Schedule(timer, ticks < LoopTimer.Never / 4 ? _now + (long)ticks : LoopTimer.Never - 1);
    }

    internal void StopTimer(LoopTimer timer) => _timers.Remove(timer);

    private int TimeoutMilliseconds()
    {
        long key = _timers.NextKey;
        if (key == LoopTimer.Never)
        {
            return -1;
        }

        long ticks = key - Stopwatch.GetTimestamp();
        if (ticks <= 0)
        {
            return 0;
        }

        long perMillisecond = Stopwatch.Frequency / 1000;
        return (int)Math.Min((ticks + perMillisecond - 1) / perMillisecond, int.MaxValue);
    }

    private int RunTimers()
    {
        if (_timers.NextKey > _now)
        {
            return 0;
        }

        int count = 0;
        while (_timers.TakeDue(_now) is { } timer)
        {
            count++;
            try
            {
                timer.OnDue();
            }
            catch (Exception exception)
            {
                Report(timer, exception);
            }
        }

        _statistics.TimersFired += count;
        return count;
    }

    private void RunFlushes()
    {
        // A flush may lead to more appends and so to more requests: they run in this batch too.
        for (int i = 0; i < _flushCount; i++)
        {
            IFlushable flushable = _flushes[i];
            _flushes[i] = null!;
            try
            {
                flushable.FlushBatch();
            }
            catch (Exception exception)
            {
                Report(flushable, exception);
            }
        }

        _flushCount = 0;
    }

    private struct Counters
    {
        public long Iterations;
        public long Sleeps;
        public long Events;
        public long PostedItems;
        public long TimersFired;
        public long LateEvents;
        public int LargestBatch;
        public long Failures;
    }
}
