using Nvmf.EventLoop;
using Nvmf.EventLoop.Internal;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// The applications behind the pipes of one loop, one after the other on a thread of its own: for work of a few microseconds, waking a thread of the pool, and its
/// search for more when it is done, cost as much as the work. Others must not wait for one that blocks or computes for long: then the thread pool takes over.
/// </summary>
/// <remarks>
/// <code>
/// Dedicated ──an item has waited for too long: all to the pool──► Pooled ──a while later, and the thread is free──► Dedicated
///     └────────────────────────────── End() ─────────────────────────► Pooled for good
/// </code>
/// Both sides of a change of state write first and look second: whoever posts an item too late for the thread finds the state changed, and hands it over itself.
/// </remarks>
internal sealed class ApplicationThread
{
    private readonly Mailbox _mailbox = new();
    private readonly object _sleep = new();
    private readonly ApplicationThreadWatch _watch;
    private bool _awakened;
    private volatile bool _pooled;
    private volatile bool _busy;
    private volatile bool _ended;

    public ApplicationThread(EventLoopThread loop)
    {
        _watch = new ApplicationThreadWatch(this, loop);
        new Thread(Run) { IsBackground = true, Name = loop.Name + "-app" }.UnsafeStart();
    }

    public bool IsPooled => _pooled;

    /// <summary>An application is being called. By the time the caller looks at the answer it may be out of date.</summary>
    public bool IsBusy => _busy;

    /// <summary>Something waits for the thread.</summary>
    public bool HasWork => !_mailbox.IsEmpty;

    /// <summary>Any thread.</summary>
    public void Schedule(IThreadPoolWorkItem item)
    {
        if (_pooled)
        {
            ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
            return;
        }

        if (_mailbox.Post(item))
        {
            Awaken();
        }

        if (_pooled)
        {
            HandOver();
        }
        else
        {
            _watch.Begin();
        }
    }

    /// <summary>Gives everything that waits, and whatever comes, to the thread pool.</summary>
    public void Pool()
    {
        _pooled = true;
        Interlocked.MemoryBarrier();
        HandOver();
    }

    /// <summary>The thread may be used again, unless it has ended.</summary>
    public void Resume()
    {
        _pooled = false;
        Interlocked.MemoryBarrier();
        if (_ended)
        {
            Pool();
        }
    }

    /// <summary>The thread ends with what it is doing. Any thread, that one as well; it is not waited for, because an application may be blocked in it.</summary>
    public void End()
    {
        _ended = true;
        Pool();
        Awaken();
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
            _awakened = true;
            Monitor.Pulse(_sleep);
        }
    }

    private void Sleep()
    {
        lock (_sleep)
        {
            while (!_awakened)
            {
                Monitor.Wait(_sleep);
            }

            _awakened = false;
        }
    }

    private void Run()
    {
        ExecutionContext clean = ExecutionContext.Capture()!;
        while (!_ended)
        {
            while (_mailbox.TryTake(out IThreadPoolWorkItem? item))
            {
                _busy = true;
                item!.Execute();
                _busy = false;

                // As the pool does: what one application left in the thread is no other's.
                ExecutionContext.Restore(clean);
                SynchronizationContext.SetSynchronizationContext(null);
            }

            if (_mailbox.TryFallAsleep())
            {
                Sleep();
                _mailbox.WakeUp();
            }
        }
    }
}
