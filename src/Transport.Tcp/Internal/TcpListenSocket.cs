using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>The listening socket as a listener sees it; tests put one here that refuses.</summary>
/// <remarks>All calls come on the listener's loop.</remarks>
internal abstract class TcpListenSocket
{
    /// <summary>Accepts one connection, non-blocking and close-on-exec.</summary>
    /// <param name="address">Gets the peer's address.</param>
    /// <param name="length">Bytes of <paramref name="address"/> that were written.</param>
    /// <returns>A descriptor that the caller owns, or a negative <see cref="Errno"/>.</returns>
    public abstract int Accept(Span<byte> address, out int length);

    public abstract void Register(EventLoopThread loop, ReadyEvents events, IEventLoopHandler handler);

    public abstract void SetEvents(ReadyEvents events);

    /// <summary>Unregisters and closes; what waits in the backlog is reset.</summary>
    public abstract void Close();
}
