namespace Nvmf.EventLoop;

/// <summary>Owns a file descriptor that is registered with an <see cref="EventLoopThread"/>.</summary>
public interface IEventLoopHandler : IFailureHandler
{
    /// <summary>The descriptor is ready. On the loop; must not block. May unregister.</summary>
    void OnReady(ReadyEvents events);

    /// <summary>
    /// The loop was disposed of before this registration ended: neither readiness nor timers will be heard of any more, and nothing can be registered. On the loop, in
    /// its last turn, once per registration; must not block. What is posted still runs, so the owner can go on to its end, and must do so by itself.
    /// </summary>
    void OnLoopEnded();
}
