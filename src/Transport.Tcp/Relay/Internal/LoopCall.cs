using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>Runs something on a loop and tells when it has run.</summary>
internal sealed class LoopCall : IThreadPoolWorkItem
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action _action;

    private LoopCall(Action action) => _action = action;

    /// <summary>Does not wait for ever: a loop that has ended runs nothing.</summary>
    public static Task RunAsync(EventLoopThread loop, Action action)
    {
        var call = new LoopCall(action);
        loop.Post(call);
        return Task.WhenAny(call._done.Task, Task.Delay(Patience));
    }

    public void Execute()
    {
        _action();
        _done.TrySetResult();
    }
}
