using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>Runs the transport's side of a pipe on the connection's loop; at once for whoever is there already.</summary>
internal sealed class LoopPipeScheduler(EventLoopThread loop) : PipeEndScheduler
{
    public override void Schedule(Action<object?> action, object? state)
    {
        if (loop.IsCurrent)
        {
            action(state);
        }
        else
        {
            base.Schedule(action, state);
        }
    }

    protected override void Post(IThreadPoolWorkItem item) => loop.Post(item);
}
