namespace Nvmf.EventLoop;

/// <summary>
/// A loop without a thread of its own, for models of the kernel: whoever calls <see cref="RunBatch"/> is the loop, time is what a given clock says, and
/// nothing waits. Descriptors can be registered, but epoll is never asked.
/// </summary>
public sealed partial class EventLoopThread
{
    private readonly Func<long>? _manualClock;

    /// <summary>Makes a loop that runs in <see cref="RunBatch"/> only.</summary>
    /// <param name="options">Options; spinning and pinning mean nothing here.</param>
    /// <param name="clock">The time in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</param>
    internal static EventLoopThread CreateManual(EventLoopOptions options, Func<long> clock) => new(options, logger: null, clock);

    /// <summary>True when a batch would do something without any readiness event.</summary>
    internal bool HasWork => !_mailbox.IsEmpty || _flushCount > 0 || _timers.NextKey <= _manualClock!();

    /// <summary>When the next timer is due, in ticks of the clock, or <see cref="long.MaxValue"/>. It may turn out to have been moved away.</summary>
    internal long NextTimer => _timers.NextKey;

    /// <summary>One turn: the readiness of <paramref name="handler"/>, where one is given, then posted items, timers and flushes as in every batch.</summary>
    internal void RunBatch(IEventLoopHandler? handler = null, ReadyEvents events = ReadyEvents.None)
    {
        _threadId = Environment.CurrentManagedThreadId;
        _now = _manualClock!();
        if (handler is not null)
        {
            Dispatch(handler, events);
        }

        _ = RunMailbox() + RunTimers();
        RunFlushes();
    }
}
