namespace Nvmf.EventLoop;

/// <summary>Counters of one <see cref="EventLoopThread"/> since its start.</summary>
/// <param name="Iterations">Times the loop went round.</param>
/// <param name="Sleeps">Times it blocked in epoll_wait.</param>
/// <param name="Events">Descriptor events dispatched.</param>
/// <param name="PostedItems">Items run from the mailbox.</param>
/// <param name="TimersFired">Timers that came due.</param>
/// <param name="LateEvents">Events of registrations that were already gone: dropped.</param>
/// <param name="LargestBatch">Most descriptor events of one iteration.</param>
/// <param name="Failures">Exceptions thrown by callbacks.</param>
public readonly record struct EventLoopStatistics(
    long Iterations,
    long Sleeps,
    long Events,
    long PostedItems,
    long TimersFired,
    long LateEvents,
    int LargestBatch,
    long Failures);
