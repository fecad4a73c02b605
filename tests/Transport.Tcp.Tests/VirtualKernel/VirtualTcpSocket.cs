using System.Net;
using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>A socket of the <see cref="KernelModel"/>.</summary>
internal sealed unsafe class VirtualTcpSocket(KernelModel kernel, bool hasZeroCopy) : TcpSocket
{
    public override EndPoint? LocalEndPoint { get; } = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 4420);

    public override EndPoint? RemoteEndPoint { get; } = new IPEndPoint(IPAddress.Parse("192.0.2.2"), 50000);

    public override uint FirstZeroCopyIndex => kernel.FirstIndex;

    public override int EnableZeroCopy() => hasZeroCopy ? 0 : -Errno.EOPNOTSUPP;

    public override nint Send(IoVector* vectors, int count, bool zeroCopy) => kernel.Send(vectors, count, zeroCopy);

    public override nint Receive(IoVector* vectors, int count) => kernel.Receive(vectors, count);

    public override int ReceiveNotification(out ZeroCopyNotification notification) => kernel.ReceiveNotification(out notification);

    public override int ShutdownWrites() => kernel.ShutdownWrites();

    public override int Disconnect() => kernel.Disconnect();

    public override int UnacknowledgedBytes()
    {
        kernel.CheckOpen();
        return kernel.UnacknowledgedBytes;
    }

    public override int TakeError()
    {
        kernel.CheckOpen();
        return kernel.TakePendingError();
    }

    public override void Register(EventLoopThread loop, ReadyEvents events, IEventLoopHandler handler) => kernel.Register(events, handler);

    public override void SetEvents(ReadyEvents events) => kernel.SetEvents(events);

    public override void Unregister() => kernel.Unregister();

    public override void Close() => kernel.Close();
}
