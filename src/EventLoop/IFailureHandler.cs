namespace Nvmf.EventLoop;

/// <summary>Told when something of its own threw on an event loop. The loop has logged the exception and goes on.</summary>
public interface IFailureHandler
{
    /// <summary>A callback of this object threw <paramref name="exception"/>. On the loop; must not throw.</summary>
    void OnFailure(Exception exception);
}
