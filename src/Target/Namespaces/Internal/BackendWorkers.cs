namespace Nvmf.Target.Namespaces.Internal;

/// <summary>
/// A few threads that may block on behalf of event loops. Handing over takes no lock, allocates nothing, and keeps the order of arrival:
/// <code>
///   loops ──CAS push──► inbox (stack) ──one exchange, reversed──► ready (list, workers' lock) ──► execute
/// </code>
/// Threads start one by one, each by the last one that turns to work, and stay: up to the limit one is always free.
/// </summary>
internal sealed class BackendWorkers : IAsyncDisposable
{
    private readonly string _name;
    private readonly int _maxThreads;
    private readonly Action<BackendRequest> _execute;
    private readonly Lock _readyLock = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BackendRequest? _inbox;
    private BackendRequest? _ready;
    private int _sleeping;
    private int _threads;
    private bool _stopping;

    public BackendWorkers(string name, int maxThreads, Action<BackendRequest> execute)
    {
        (_name, _maxThreads, _execute) = (name, maxThreads, execute);
        _threads = 1;
        StartThread();
    }

    /// <summary>Hands a request over. Any thread; never blocks.</summary>
    public void Enqueue(BackendRequest request)
    {
        BackendRequest? head = Volatile.Read(ref _inbox);
        while (true)
        {
            request.NextInQueue = head;
            BackendRequest? seen = Interlocked.CompareExchange(ref _inbox, request, head);
            if (seen == head)
            {
                break;
            }

            head = seen;
        }

        // The exchange above is a full fence: either we see the sleeper, or it sees the request before it sleeps.
        WakeOne();
    }

    /// <summary>Executes what is queued, then ends the threads. Nothing is handed over any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _stopping, true);
        Interlocked.MemoryBarrier();
        while (WakeOne())
        {
        }

        await _stopped.Task.ConfigureAwait(false);
        _wake.Dispose();
    }

    private void StartThread() => new Thread(Run) { IsBackground = true, Name = _name }.UnsafeStart();

    private void Run()
    {
        while (true)
        {
            if (TryTake(out BackendRequest? request))
            {
                _execute(request!);
                continue;
            }

            Interlocked.Increment(ref _sleeping);
            bool more = Volatile.Read(ref _inbox) != null || Volatile.Read(ref _ready) != null;
            if ((more || Volatile.Read(ref _stopping)) && TryClaimSleeper())
            {
                if (more)
                {
                    continue;
                }

                break;
            }

            // Not claimed by ourselves: somebody releases the semaphore for us, now or later.
            _wake.Wait();
        }

        if (Interlocked.Decrement(ref _threads) == 0)
        {
            _stopped.SetResult();
        }
    }

    private bool TryTake(out BackendRequest? request)
    {
        bool more;
        lock (_readyLock)
        {
            BackendRequest? arrived = _ready == null ? Interlocked.Exchange(ref _inbox, null) : null;
            while (arrived != null)
            {
                BackendRequest? next = arrived.NextInQueue;
                arrived.NextInQueue = _ready;
                _ready = arrived;
                arrived = next;
            }

            request = _ready;
            if (request == null)
            {
                return false;
            }

            _ready = request.NextInQueue;
            more = _ready != null;
        }

        request.NextInQueue = null;
        if (more)
        {
            WakeOne();
        }

        // This thread may be gone for long: somebody must be there for the next request. (Starting a thread is not for event loops.)
        if (Volatile.Read(ref _sleeping) == 0)
        {
            AddThread();
        }

        return true;
    }

    private void AddThread()
    {
        int threads = Volatile.Read(ref _threads);
        if (threads >= _maxThreads || Interlocked.CompareExchange(ref _threads, threads + 1, threads) != threads)
        {
            return;
        }

        try
        {
            StartThread();
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            // The system gives no more threads: those that are there do it all.
            Interlocked.Decrement(ref _threads);
        }
    }

    private bool WakeOne()
    {
        if (!TryClaimSleeper())
        {
            return false;
        }

        _wake.Release();
        return true;
    }

    private bool TryClaimSleeper()
    {
        int sleeping = Volatile.Read(ref _sleeping);
        while (sleeping > 0)
        {
            int seen = Interlocked.CompareExchange(ref _sleeping, sleeping - 1, sleeping);
            if (seen == sleeping)
            {
                return true;
            }

            sleeping = seen;
        }

        return false;
    }
}
