using System.Net;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.Connections.ZeroCopy;

/// <summary>Refuses zero-copy sends, withholds notifications, or looks like a peer far away.</summary>
internal sealed unsafe class ScriptedTcpSocket(TcpSocket inner) : DecoratedTcpSocket(inner)
{
    private int _zeroCopyCalls;
    private int _refused;

    public Func<int, int> Refusal { get; init; } = static _ => 0;

    public bool Withholds { get; set; }

    public bool SeemsRemote { get; init; }

    public override EndPoint? RemoteEndPoint => SeemsRemote ? new IPEndPoint(0x010200C0, 4420) : base.RemoteEndPoint;

    public int ZeroCopyCalls => Volatile.Read(ref _zeroCopyCalls);

    public int Refused => Volatile.Read(ref _refused);

    public override nint Send(IoVector* vectors, int count, bool zeroCopy)
    {
        if (!zeroCopy)
        {
            return base.Send(vectors, count, zeroCopy: false);
        }

        int error = Refusal(_zeroCopyCalls++);
        if (error == 0)
        {
            return base.Send(vectors, count, zeroCopy: true);
        }

        Interlocked.Increment(ref _refused);
        return -error;
    }

    public override int ReceiveNotification(out ZeroCopyNotification notification)
    {
        if (!Withholds)
        {
            return base.ReceiveNotification(out notification);
        }

        notification = default;
        return -Errno.EAGAIN;
    }
}
