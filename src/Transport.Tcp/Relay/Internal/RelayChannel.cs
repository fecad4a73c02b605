using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>Where the bytes of one direction wait between two sockets. Used on one loop.</summary>
internal abstract class RelayChannel
{
    /// <summary>Bytes put in and not yet taken out, by our own count.</summary>
    public long Bytes { get; private protected set; }

    /// <summary>Most bytes it is asked to hold.</summary>
    public abstract int Capacity { get; }

    public abstract bool IsSplicing { get; }

    /// <summary>Moves received bytes in, one system call.</summary>
    /// <returns>As <see cref="TcpSocket.SpliceTo"/>.</returns>
    public abstract nint Fill(TcpSocket source);

    /// <summary>Moves bytes out to be sent, one system call.</summary>
    /// <returns>As <see cref="TcpSocket.SpliceFrom"/>.</returns>
    public abstract nint Deliver(TcpSocket target);

    /// <summary>Gives it back, empty or not.</summary>
    public abstract void Return();
}
