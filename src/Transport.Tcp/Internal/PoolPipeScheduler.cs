using System.IO.Pipelines;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>Runs one end of a pipe on the thread pool, without an allocation each time: a pipe's end waits for one thing at a time.</summary>
internal sealed class PoolPipeScheduler : PipeScheduler, IThreadPoolWorkItem
{
    private Action<object?>? _action;
    private object? _state;

    public override void Schedule(Action<object?> action, object? state)
    {
        if (Interlocked.CompareExchange(ref _action, action, null) is not null)
        {
            ThreadPool.Schedule(action, state);
            return;
        }

        _state = state;
        System.Threading.ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        object? state = _state;
        _state = null;
        Interlocked.Exchange(ref _action, null)!(state);
    }
}
