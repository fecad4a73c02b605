using System.Net;
using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>Passes every call on; models override what they falsify.</summary>
internal abstract unsafe class DecoratedTcpSocket(TcpSocket inner) : TcpSocket
{
    public override EndPoint? LocalEndPoint => inner.LocalEndPoint;

    public override EndPoint? RemoteEndPoint => inner.RemoteEndPoint;

    public override uint FirstZeroCopyIndex => inner.FirstZeroCopyIndex;

    public override int EnableZeroCopy() => inner.EnableZeroCopy();

    public override nint Send(IoVector* vectors, int count, bool zeroCopy) => inner.Send(vectors, count, zeroCopy);

    public override nint Receive(IoVector* vectors, int count) => inner.Receive(vectors, count);

    public override int ReceiveNotification(out ZeroCopyNotification notification) => inner.ReceiveNotification(out notification);

    public override nint SpliceTo(int pipe, int length) => inner.SpliceTo(pipe, length);

    public override nint SpliceFrom(int pipe, int length, bool more) => inner.SpliceFrom(pipe, length, more);

    public override int ShutdownWrites() => inner.ShutdownWrites();

    public override int Disconnect() => inner.Disconnect();

    public override int UnacknowledgedBytes() => inner.UnacknowledgedBytes();

    public override int TakeError() => inner.TakeError();

    public override void Register(EventLoopThread loop, ReadyEvents events, IEventLoopHandler handler) => inner.Register(loop, events, handler);

    public override void SetEvents(ReadyEvents events) => inner.SetEvents(events);

    public override void Unregister() => inner.Unregister();

    public override void Close() => inner.Close();
}
