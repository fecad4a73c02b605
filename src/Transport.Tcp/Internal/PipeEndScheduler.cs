using System.IO.Pipelines;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// Runs one end of a pipe somewhere else, without an allocation each time: a pipe's end waits for one thing at a time, so one object is all that ever needs to be posted.
/// </summary>
internal abstract class PipeEndScheduler : PipeScheduler, IThreadPoolWorkItem
{
    private Action<object?>? _action;
    private object? _state;

    public override void Schedule(Action<object?> action, object? state)
    {
        if (Interlocked.CompareExchange(ref _action, action, null) is null)
        {
            _state = state;
            Post(this);
        }
        else
        {
            Post(new Item(action, state));
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        object? state = _state;
        _state = null;
        Interlocked.Exchange(ref _action, null)!(state);
    }

    protected abstract void Post(IThreadPoolWorkItem item);

    private sealed class Item(Action<object?> action, object? state) : IThreadPoolWorkItem
    {
        public void Execute() => action(state);
    }
}
