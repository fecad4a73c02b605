namespace Nvmf.EventLoop;

/// <summary>A posted call; for what happens seldom.</summary>
internal sealed class LoopAction(Action action) : IThreadPoolWorkItem
{
    public void Execute() => action();

    /// <summary>Runs <paramref name="action"/> on the loop, ended or not, and waits for it. Any thread.</summary>
    public static Task RunAsync(EventLoopThread loop, Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(new LoopAction(() =>
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
