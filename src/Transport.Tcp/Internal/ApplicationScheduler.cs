using System.IO.Pipelines;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// Runs the application's side of a pipe on the thread pool: as an item of the loop's <see cref="ApplicationQueue"/>, or as one of its own. Without an allocation each time:
/// a pipe's reader waits for one thing at a time.
/// </summary>
internal sealed class ApplicationScheduler(ApplicationQueue? queue) : PipeScheduler, IThreadPoolWorkItem
{
    private Action<object?>? _action;
    private object? _state;
    private volatile int _threadId;
    private volatile bool _answersElsewhere;

    /// <summary>
    /// The application flushed an answer, on whatever thread it did. One that does so while it is called here gains by the queue; one that goes on elsewhere (streams of
    /// HTTP/2, handlers that await) would only change threads once more.
    /// </summary>
    public void OnAnswer() => _answersElsewhere = _threadId != Environment.CurrentManagedThreadId;

    public override void Schedule(Action<object?> action, object? state)
    {
        if (Interlocked.CompareExchange(ref _action, action, null) is not null)
        {
            ThreadPool.Schedule(action, state);
            return;
        }

        _state = state;
        if (queue is not null && !_answersElsewhere)
        {
            queue.Schedule(this);
        }
        else
        {
            System.Threading.ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        object? state = _state;
        _state = null;
        _threadId = Environment.CurrentManagedThreadId;
        Interlocked.Exchange(ref _action, null)!(state);
        _threadId = 0;
    }
}
