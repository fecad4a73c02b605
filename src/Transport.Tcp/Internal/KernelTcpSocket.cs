using System.Net;
using System.Net.Sockets;
using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>A connected socket of the real kernel.</summary>
internal sealed unsafe partial class KernelTcpSocket(SafeFileDescriptor descriptor, EndPoint? local, EndPoint? remote) : TcpSocket
{
    /// <summary>Unanswered probes after which a silent peer is given up.</summary>
    private const int KeepAliveProbes = 3;

    // Calls go by the bare number: the descriptor is closed by Close alone, after the last call. Those from other threads keep it open.
    private readonly int _socket = descriptor.Descriptor;

    /// <summary>Otherwise a Unix domain socket, which has neither TCP's options nor an error queue.</summary>
    private readonly bool _isTcp = local is not UnixDomainSocketEndPoint;
    private EventLoopRegistration _registration;

    public override EndPoint? LocalEndPoint => local;

    public override EndPoint? RemoteEndPoint => remote;

    public void Configure(TcpTransportOptions options)
    {
        // Each of these is a wish: a kernel that refuses one still gives a working connection.
        SetBufferSizes(_socket, options);
        if (!_isTcp)
        {
            return;
        }

        if (options.NoDelay)
        {
            _ = NativeMethods.SetOption(_socket, SocketConstants.IPPROTO_TCP, SocketConstants.TCP_NODELAY, 1);
        }

        int userTimeout = (int)Math.Clamp(options.UserTimeout.TotalMilliseconds, 0, int.MaxValue);
        if (userTimeout > 0)
        {
            _ = NativeMethods.SetOption(_socket, SocketConstants.IPPROTO_TCP, SocketConstants.TCP_USER_TIMEOUT, userTimeout);
        }

        SetKeepAlive(options.KeepAliveIdle);
    }

    /// <summary>To be called before listen or connect, since the window scale is agreed in the handshake.</summary>
    public static void SetBufferSizes(int socket, TcpTransportOptions options)
    {
        if (options.SendBufferSize is int send)
        {
            _ = NativeMethods.SetOption(socket, SocketConstants.SOL_SOCKET, SocketConstants.SO_SNDBUF, send);
        }

        if (options.ReceiveBufferSize is int receive)
        {
            _ = NativeMethods.SetOption(socket, SocketConstants.SOL_SOCKET, SocketConstants.SO_RCVBUF, receive);
        }
    }

    private void SetKeepAlive(TimeSpan idle)
    {
        // The kernel counts in seconds, up to 32767 of them.
        int seconds = (int)Math.Clamp(Math.Ceiling(idle.TotalSeconds), 0, short.MaxValue);
        if (seconds == 0)
        {
            return;
        }

        _ = NativeMethods.SetOption(_socket, SocketConstants.IPPROTO_TCP, SocketConstants.TCP_KEEPIDLE, seconds);
        _ = NativeMethods.SetOption(_socket, SocketConstants.IPPROTO_TCP, SocketConstants.TCP_KEEPINTVL, Math.Max(1, seconds / KeepAliveProbes));
        _ = NativeMethods.SetOption(_socket, SocketConstants.IPPROTO_TCP, SocketConstants.TCP_KEEPCNT, KeepAliveProbes);
        _ = NativeMethods.SetOption(_socket, SocketConstants.SOL_SOCKET, SocketConstants.SO_KEEPALIVE, 1);
    }

    public override int EnableZeroCopy() => !_isTcp ? -Errno.EOPNOTSUPP : NativeMethods.SetOption(_socket, SocketConstants.SOL_SOCKET, SocketConstants.SO_ZEROCOPY, 1);

    public override nint Send(IoVector* vectors, int count, bool zeroCopy)
    {
        const int Copying = SocketConstants.MSG_DONTWAIT | SocketConstants.MSG_NOSIGNAL;
        int flags = zeroCopy ? Copying | SocketConstants.MSG_ZEROCOPY : Copying;
        if (count == 1)
        {
            return NativeMethods.SendBuffer(_socket, vectors->Base, vectors->Length, flags);
        }

        MessageHeader message = new() { Vectors = vectors, VectorCount = (nuint)count };
        return NativeMethods.SendMessage(_socket, &message, flags);
    }

    public override nint Receive(IoVector* vectors, int count)
    {
        if (count == 1)
        {
            return NativeMethods.ReceiveBuffer(_socket, vectors->Base, vectors->Length, SocketConstants.MSG_DONTWAIT);
        }

        MessageHeader message = new() { Vectors = vectors, VectorCount = (nuint)count };
        return NativeMethods.ReceiveMessage(_socket, &message, SocketConstants.MSG_DONTWAIT);
    }

    public override nint SpliceTo(int pipe, int length) => NativeMethods.Splice(_socket, pipe, length, more: false);

    public override nint SpliceFrom(int pipe, int length, bool more) => NativeMethods.Splice(pipe, _socket, length, more);

    public override int ShutdownWrites() => NativeMethods.ShutdownSocket(_socket, SocketConstants.SHUT_WR);

    /// <summary>A Unix domain socket knows no reset; its peer sees the end of the stream, or a reset if it sent something that was not read.</summary>
    public override int Disconnect() =>
        _isTcp ? NativeMethods.DisconnectSocket(_socket) : NativeMethods.ShutdownSocket(_socket, SocketConstants.SHUT_RDWR);

    public override int UnacknowledgedBytes() => NativeMethods.UnacknowledgedBytes(_socket);

    public override int TakeError() =>
        NativeMethods.GetOption(_socket, SocketConstants.SOL_SOCKET, SocketConstants.SO_ERROR, out int error) is < 0 and int failed ? -failed : error;

    public override void Register(EventLoopThread loop, ReadyEvents events, IEventLoopHandler handler) =>
        _registration = loop.Register(descriptor, events, handler);

    public override void SetEvents(ReadyEvents events) => _registration.SetEvents(events);

    public override void Unregister() => _registration.Unregister();

    public override void Close() => descriptor.Dispose();
}
