using Nvmf.EventLoop;

namespace Nvmf.Transport.Rdma.Connections;

/// <summary>A posted call; for what happens seldom.</summary>
internal sealed class LoopAction(Action action) : IThreadPoolWorkItem
{
    public void Execute() => action();

    /// <summary>Runs <paramref name="action"/> on the loop, and waits for it.</summary>
    public static Task RunAsync(EventLoopThread thread, Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        thread.Post(new LoopAction(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        }));
        return done.Task;
    }
}
