using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>A listening socket of the real kernel.</summary>
internal sealed class KernelTcpListenSocket(SafeFileDescriptor descriptor) : TcpListenSocket
{
    private EventLoopRegistration _registration;

    public override int Accept(Span<byte> address, out int length) => NativeMethods.AcceptSocket(descriptor.Descriptor, address, out length);

    public override void Register(EventLoopThread loop, ReadyEvents events, IEventLoopHandler handler) =>
        _registration = loop.Register(descriptor, events, handler);

    public override void SetEvents(ReadyEvents events) => _registration.SetEvents(events);

    public override void Close()
    {
        _registration.Unregister();
        descriptor.Dispose();
    }
}
