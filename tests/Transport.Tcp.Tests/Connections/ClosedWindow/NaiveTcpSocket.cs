using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.Connections.ClosedWindow;

/// <summary>
/// The negative control: tells the connection what a naive target believes, that after shutdown, or after the abort, nothing is in flight.
/// </summary>
internal sealed unsafe class NaiveTcpSocket(TcpSocket inner) : DecoratedTcpSocket(inner)
{
    private uint _sends;
    private bool _isDown;

    public override nint Send(IoVector* vectors, int count, bool zeroCopy)
    {
        nint sent = base.Send(vectors, count, zeroCopy);
        if (zeroCopy && sent > 0)
        {
            _sends++;
        }

        return sent;
    }

    public override int ShutdownWrites()
    {
        _isDown = true;
        return base.ShutdownWrites();
    }

    public override int Disconnect()
    {
        _isDown = true;
        return 0;
    }

    public override int UnacknowledgedBytes() => 0;

    public override int ReceiveNotification(out ZeroCopyNotification notification)
    {
        if (!_isDown || _sends == 0)
        {
            return base.ReceiveNotification(out notification);
        }

        notification = new ZeroCopyNotification(0, _sends - 1, false);
        _sends = 0;
        return 1;
    }
}
