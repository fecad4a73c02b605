using Nvmf.EventLoop;
using Nvmf.EventLoop.Internal;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// Calls the applications behind the pipes of one loop, one after the other, from one thread of the pool that waits a moment for more: for work of a few microseconds, waking
/// a thread each time, and what it does to find more work when it is done, cost as much as the work. Nobody may wait for one that blocks or computes for long: then each is
/// a work item of its own again.
/// </summary>
/// <remarks>
/// <code>
/// Together ──an item has waited for too long: each by itself──► Apart ──a while later, and the thread is free──► Together
///    └─────────────────────────────── End() ──────────────────────► Apart for good
/// </code>
/// Both sides of a change of state write first and look second: whoever posts an item too late finds the state changed, and hands it over itself.
/// </remarks>
internal sealed class ApplicationQueue : IThreadPoolWorkItem
{
    // Longer than the gaps under load; short enough to keep a thread of the pool that has nothing to do.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(2);

    private readonly Mailbox _mailbox = new();
    private readonly object _sleep = new();
    private readonly ApplicationQueueWatch _watch;
    private bool _hasThread;
    private bool _awakened;
    private volatile bool _apart;
    private volatile bool _busy;
    private volatile bool _ended;

    public ApplicationQueue(EventLoopThread loop)
    {
        _watch = new ApplicationQueueWatch(this, loop);
        _mailbox.TryFallAsleep();
    }

    public bool IsApart => _apart;

    /// <summary>An application is being called. By the time the caller looks at the answer it may be out of date.</summary>
    public bool IsBusy => _busy;

    /// <summary>Something waits for its turn.</summary>
    public bool HasWork => !_mailbox.IsEmpty;

    /// <summary>Any thread.</summary>
    public void Schedule(IThreadPoolWorkItem item)
    {
        if (_apart)
        {
            ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
            return;
        }

        if (_mailbox.Post(item))
        {
            Awaken();
        }

        if (_apart)
        {
            HandOver();
        }
        else
        {
            _watch.Begin();
        }
    }

    /// <summary>Makes everything that waits, and whatever comes, a work item of its own.</summary>
    public void Part()
    {
        _apart = true;
        Interlocked.MemoryBarrier();
        HandOver();
    }

    /// <summary>One thread for all again, unless this has ended.</summary>
    public void Join()
    {
        _apart = false;
        Interlocked.MemoryBarrier();
        if (_ended)
        {
            Part();
        }
    }

    /// <summary>After the last connection. Any thread; who is being called is not waited for.</summary>
    public void End()
    {
        _ended = true;
        Part();
    }

    void IThreadPoolWorkItem.Execute()
    {
        ExecutionContext clean = ExecutionContext.Capture()!;
        do
        {
            while (_mailbox.TryTake(out IThreadPoolWorkItem? item))
            {
                _busy = true;
                item!.Execute();
                _busy = false;

                // As the pool does between its items: what one application left in the thread is no other's.
                ExecutionContext.Restore(clean);
                SynchronizationContext.SetSynchronizationContext(null);
            }
        }
        while (!_mailbox.TryFallAsleep() || Sleep());
    }

    private void HandOver()
    {
        while (_mailbox.TryTake(out IThreadPoolWorkItem? item))
        {
            ThreadPool.UnsafeQueueUserWorkItem(item!, preferLocal: false);
        }
    }

    private void Awaken()
    {
        lock (_sleep)
        {
            if (_hasThread)
            {
                _awakened = true;
                Monitor.Pulse(_sleep);
                return;
            }

            _hasThread = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <returns>False: nothing came, and the thread goes back to the pool. The next who posts finds the mailbox asleep and asks for another.</returns>
    private bool Sleep()
    {
        lock (_sleep)
        {
            if (!_awakened)
            {
                Monitor.Wait(_sleep, Patience);
            }

            _hasThread = _awakened;
            _awakened = false;
            return _hasThread;
        }
    }
}
