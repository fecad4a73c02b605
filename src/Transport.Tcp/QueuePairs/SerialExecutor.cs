using System.Collections.Concurrent;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>Runs items one after the other on the thread pool: the loop of connections that have none of their own.</summary>
/// <param name="onBatchEnd">Called after each batch of items.</param>
/// <param name="onFailure">Told what an item threw.</param>
internal sealed class SerialExecutor(Action onBatchEnd, Action<Exception> onFailure) : IThreadPoolWorkItem
{
    // Enough to make batches, not so many that one connection keeps a thread of the pool to itself.
    private const int MaxBatch = 64;

    [ThreadStatic]
    private static SerialExecutor? _current;

    private readonly ConcurrentQueue<IThreadPoolWorkItem> _items = new();
    private int _scheduled;

    /// <summary>True on the thread that runs an item of this executor.</summary>
    public bool IsCurrent => _current == this;

    public void Post(IThreadPoolWorkItem item)
    {
        _items.Enqueue(item);
        Schedule();
    }

    public void Post(Action action) => Post(new ActionItem(action));

    void IThreadPoolWorkItem.Execute()
    {
        _current = this;
        try
        {
            for (int i = 0; i < MaxBatch && _items.TryDequeue(out IThreadPoolWorkItem? item); i++)
            {
                Run(static state => ((IThreadPoolWorkItem)state).Execute(), item);
            }

            Run(static state => ((Action)state)(), onBatchEnd);
        }
        finally
        {
            _current = null;
        }

        // A full fence between giving the schedule back and the last look: an item enqueued between is scheduled by one of the two.
        Interlocked.Exchange(ref _scheduled, 0);
        if (!_items.IsEmpty)
        {
            Schedule();
        }
    }

    private void Schedule()
    {
        if (Interlocked.Exchange(ref _scheduled, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void Run(Action<object> action, object state)
    {
        try
        {
            action(state);
        }
#pragma warning disable CA1031 // An exception here would end the process for one connection.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            onFailure(exception);
        }
    }

    private sealed class ActionItem(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }
}
