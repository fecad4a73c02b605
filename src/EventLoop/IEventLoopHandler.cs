namespace Nvmf.EventLoop;

/// <summary>Owns a file descriptor that is registered with an <see cref="EventLoopThread"/>.</summary>
public interface IEventLoopHandler : IFailureHandler
{
    /// <summary>The descriptor is ready. On the loop; must not block. May unregister.</summary>
    void OnReady(ReadyEvents events);
}
