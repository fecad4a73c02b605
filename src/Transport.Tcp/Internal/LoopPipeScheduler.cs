using System.IO.Pipelines;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// Runs the transport's side of a pipe on the connection's loop. A pipe's end waits for one thing at a time, so one object per end is all that ever needs to
/// be posted.
/// </summary>
internal sealed class LoopPipeScheduler(EventLoopThread loop) : PipeScheduler, IThreadPoolWorkItem
{
    private Action<object?>? _action;
    private object? _state;

    public override void Schedule(Action<object?> action, object? state)
    {
        if (loop.IsCurrent)
        {
            action(state);
        }
        else if (Interlocked.CompareExchange(ref _action, action, null) is null)
        {
            _state = state;
            loop.Post(this);
        }
        else
        {
            loop.Post(new Item(action, state));
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        object? state = _state;
        _state = null;
        Interlocked.Exchange(ref _action, null)!(state);
    }

    private sealed class Item(Action<object?> action, object? state) : IThreadPoolWorkItem
    {
        public void Execute() => action(state);
    }
}
