namespace Nvmf.Target.Authentication;

/// <summary>
/// Bounds what hosts that are still strangers can make this process compute: a few powers at a time, on the thread pool, and a bounded number that waits. Any thread.
/// </summary>
internal sealed class KeyExchangeGate(int concurrency) : IThreadPoolWorkItem
{
    /// <summary>Powers that wait for their turn.</summary>
    public const int MaxWaiting = 256;

    private readonly Lock _lock = new();
    private readonly Queue<KeyExchangeJob> _waiting = [];
    private int _running;

    /// <summary>Has the job run, some time.</summary>
    /// <returns>False: too many wait, and the job will not run.</returns>
    public bool TryRun(KeyExchangeJob job)
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
        KeyExchangeJob job;
        lock (_lock)
        {
            job = _waiting.Dequeue();
        }

        job.Run();
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
