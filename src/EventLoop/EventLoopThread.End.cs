using System.Diagnostics;
using System.Runtime.InteropServices;
using Nvmf.EventLoop.Internal;

namespace Nvmf.EventLoop;

/// <summary>
/// The end and what comes after it. An item that were dropped then would be a queue pair that never ends, or memory that nobody gives back: an ended loop has
/// neither descriptors nor timers, but still runs what is posted, one item at a time.
/// </summary>
public sealed partial class EventLoopThread
{
    private LateItems? _lateItems;
    private volatile bool _ended;

    /// <summary>
    /// True from the loop's last turn on: no descriptor is watched and no timer fires any more. Posted items still run, on the thread pool. Any thread.
    /// </summary>
    public bool HasEnded => _ended;

    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    internal void ThrowIfEnded()
    {
        if (_ended)
        {
            throw EndedException();
        }
    }

    /// <summary>For those whose loop ended before they did.</summary>
    internal ObjectDisposedException EndedException() => new(Name, $"The event loop {Name} was disposed of before what lived on it.");

    private unsafe void End()
    {
        _threadId = Environment.CurrentManagedThreadId;
        _lateItems = new LateItems(this);
        _ended = true;
        TellHandlers();
        RunLateBatch();

        _epoll.Dispose();
        _wakeUp.Dispose();
        NativeMemory.AlignedFree(_receiveBuffer);
        _receiveBuffer = null;
        NativeMemory.AlignedFree(_items);

        // The thread's number may soon be another's.
        _threadId = 0;
        _lateItems.Release();
    }

    private void TellHandlers()
    {
        int left = _registrations.Count;
        if (left == 0)
        {
            EventLoopLog.Ended(_logger, Name);
            return;
        }

        EventLoopLog.EndedEarly(_logger, Name, left);
        for (int slot = 0; slot < _registrations.Used; slot++)
        {
            IEventLoopHandler? handler = _registrations.At(slot);
            try
            {
                handler?.OnLoopEnded();
            }
            catch (Exception exception)
            {
                Report(handler, exception);
            }
        }
    }

    private void RunLateBatch()
    {
        _now = _manualClock?.Invoke() ?? Stopwatch.GetTimestamp();
        _ = RunMailbox();
        RunFlushes();
    }

    /// <summary>Batches of late items on the thread pool, never two at a time.</summary>
    private sealed class LateItems(EventLoopThread loop) : IThreadPoolWorkItem
    {
        // Taken from the beginning, for the last turn on the loop's own thread.
        private int _taken = 1;

        public void Schedule()
        {
            if (Interlocked.Exchange(ref _taken, 1) == 0)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }

        /// <summary>The batch is over.</summary>
        public void Release()
        {
            // A full fence between giving the turn back and the last look: an item enqueued between is scheduled by one of the two sides.
            Interlocked.Exchange(ref _taken, 0);
            if (!loop._mailbox.IsEmpty)
            {
                Schedule();
            }
        }

        void IThreadPoolWorkItem.Execute()
        {
            loop._threadId = Environment.CurrentManagedThreadId;
            loop.RunLateBatch();
            loop._threadId = 0;
            Release();
        }
    }
}
