using System.Diagnostics;
using System.Runtime.InteropServices;
using Nvmf.EventLoop.Internal;
using Nvmf.EventLoop.Native;

namespace Nvmf.EventLoop;

public sealed partial class EventLoopThread
{
    private const int EventCapacity = 256;
    private readonly SpinPolicy _spin;
    private YieldPolicy? _yield;
    private readonly unsafe byte* _items;
    private long _now = Stopwatch.GetTimestamp();

    private void Run()
    {
        if (_options.Processor is int processor && NativeMethods.PinCurrentThread(processor) is < 0 and int error)
        {
            EventLoopLog.PinFailed(_logger, Name, processor, -error);
        }

        bool hadWork = true;
        while (!_stopping)
        {
            int events = Wait(hadWork);
            _now = Stopwatch.GetTimestamp();
            int work = DispatchEvents(events) + RunMailbox() + RunTimers();
            RunFlushes();
            hadWork = work > 0;
            _statistics.Iterations++;
            _yield?.OnTurn(work, _now);
        }

        End();
    }

    private int Wait(bool hadWork)
    {
        if (!_mailbox.IsEmpty)
        {
            return Poll(0);
        }

        if (_spin.Budget(hadWork) is > 0 and long budget && Spin(budget, out int caught))
        {
            return caught;
        }

        int timeout = TimeoutMilliseconds();
        if (timeout == 0 || !_mailbox.TryFallAsleep())
        {
            return Poll(0);
        }

        _statistics.Sleeps++;
        long before = _spin.IsEnabled ? Stopwatch.GetTimestamp() : 0;
        int events = _yield is { Yields: true } ? PollBehindOthers(timeout) : Poll(timeout);
        _mailbox.WakeUp();
        if (_spin.IsEnabled)
        {
            _spin.OnSlept(Stopwatch.GetTimestamp() - before);
        }

        return events;
    }

    /// <summary>
    /// Sleeps as a thread that interrupts nobody when it is woken, and is one of the usual kind as soon as it runs: threads that are started meanwhile, by the thread pool
    /// for example, would be of its kind for good.
    /// </summary>
    private int PollBehindOthers(int timeout)
    {
        int error = NativeMethods.SetInterrupting(false);
        if (error < 0)
        {
            EventLoopLog.YieldRefused(_logger, Name, -error);
            _yield = null;
            return Poll(timeout);
        }

        int events = Poll(timeout);
        NativeMethods.SetInterrupting(true);
        return events;
    }

    private bool Spin(long budget, out int events)
    {
        long end = Stopwatch.GetTimestamp() + budget;
        do
        {
            events = Poll(0);
            if (events > 0 || !_mailbox.IsEmpty || _stopping)
            {
                _spin.OnCaught();
                return true;
            }
        }
        while (Stopwatch.GetTimestamp() < end);
        _spin.OnMissed();
        return false;
    }

    private unsafe int Poll(int timeoutMilliseconds)
    {
        int result = NativeMethods.WaitEpoll(_epoll.Descriptor, _items, EventCapacity, timeoutMilliseconds);
        if (result >= 0)
        {
            return result;
        }

        if (result != -Errno.EINTR)
        {
            throw new UnreachableException($"epoll_wait failed: {Marshal.GetPInvokeErrorMessage(-result)}.");
        }

        return 0;
    }

    private unsafe int DispatchEvents(int count)
    {
        byte* item = _items;
        for (int i = 0; i < count; i++, item += EpollItem.Size)
        {
            ulong data = EpollItem.Data(item);
            if (data == WakeUpData)
            {
                continue;
            }

            if (_registrations.Find((int)(uint)data, (uint)(data >> 32)) is not { } handler)
            {
                _statistics.LateEvents++;
                continue;
            }

            Dispatch(handler, EpollItem.Events(item));
        }

        _statistics.Events += count;
        if (count > _statistics.LargestBatch)
        {
            _statistics.LargestBatch = count;
        }

        return count;
    }

    private void Dispatch(IEventLoopHandler handler, ReadyEvents events)
    {
        try
        {
            handler.OnReady(events);
        }
        catch (Exception exception)
        {
            Report(handler, exception);
        }
    }

    private int RunMailbox()
    {
        int limit = _mailbox.BatchSize;
        int count = 0;
        while (count < limit && _mailbox.TryTake(out IThreadPoolWorkItem? item))
        {
            count++;
            try
            {
                item!.Execute();
            }
            catch (Exception exception)
            {
                Report(item, exception);
            }
        }

        _statistics.PostedItems += count;
        return count;
    }

    /// <summary>Counts and logs what a callback threw, and tells its owner.</summary>
    internal void Report(object? source, Exception exception)
    {
        _statistics.Failures++;
        EventLoopLog.CallbackFailed(_logger, exception, Name, source?.GetType().Name ?? "unknown");
        try
        {
            (source as IFailureHandler)?.OnFailure(exception);
        }
        catch (Exception second)
        {
            EventLoopLog.CallbackFailed(_logger, second, Name, source?.GetType().Name ?? "unknown");
        }
    }
}
