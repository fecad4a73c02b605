namespace Nvmf.Target.Authentication;

/// <summary>
/// Bounds what hosts that are still strangers can make this process compute: a few powers at a time, on the thread pool, and a bounded number that waits. Any thread.
/// </summary>
internal sealed class KeyExchangeGate(int concurrency) : IThreadPoolWorkItem
{
    /// <summary>Powers that wait for their turn.</summary>
    public const int MaxWaiting = 256;

    private readonly Lock _lock = new();
    private readonly Queue<IThreadPoolWorkItem> _waiting = [];
    private int _running;

    /// <summary>Jobs that wait for their turn.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Has the job run, some time; it does not throw.</summary>
    /// <returns>False: too many wait, and the job will not run.</returns>
    public bool TryRun(IThreadPoolWorkItem job)
    {
        lock (_lock)
        {
            if (_waiting.Count >= MaxWaiting)
            {
                return false;
            }

            _waiting.Enqueue(job);
            if (_running == concurrency)
            {
                return true;
            }

            _running++;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <summary>One job, then back into the pool's queue: others of the process use the pool, too.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        IThreadPoolWorkItem job;
        lock (_lock)
        {
            job = _waiting.Dequeue();
        }

        job.Execute();
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _running--;
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
