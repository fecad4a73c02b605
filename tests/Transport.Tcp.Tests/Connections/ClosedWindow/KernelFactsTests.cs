using System.Net;
using System.Net.Sockets;
using Nvmf.Abstractions.Buffers;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;
using Xunit.Abstractions;

namespace Nvmf.Transport.Tcp.Tests.Connections.ClosedWindow;

/// <summary>
/// Failure F1 without any of our engine: what each way of ending a socket does to zero-copy bytes that wait for a closed window, when
/// their memory is reused at once. Shows that the method can see the bug.
/// </summary>
public sealed class KernelFactsTests(ITestOutputHelper output) : IDisposable
{
    private const int Length = 1 << 20;
    private readonly BufferPool _pool = new(new BufferPoolOptions { Poison = true });

    public void Dispose() => _pool.Dispose();

    [SkippableTheory]
    [InlineData("close", true)]
    [InlineData("shutdown(WR)", true)]
    [InlineData("shutdown(RDWR)", true)]
    [InlineData("linger-close", false)]
    [InlineData("connect(AF_UNSPEC)", false)]
    public async Task ReusingMemoryAfter(string teardown, bool corrupts)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs Linux.");
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var sender = new SafeFileDescriptor(NativeMethods.CreateStreamSocket(SocketConstants.AF_INET));
        using Socket peer = await ConnectAsync(sender.Descriptor, listener);
        BufferLease lease = Rent();
        long queued = SendZeroCopy(sender.Descriptor, lease);
        Skip.If(queued <= 0, $"This kernel refuses zero-copy sends (errno {-queued}).");

        TearDown(sender, teardown);
        lease.Release();
        CorruptBlocks found = await CorruptBlocks.CountAsync(peer).WaitAsync(Within.Limit);
        output.WriteLine($"{teardown}: {queued} bytes queued, {found}");
        if (corrupts)
        {
            Assert.True(found.Corrupt > 0, "The negative control saw no corruption.");
        }
        else
        {
            Assert.Equal(0, found.Corrupt);
        }

        Assert.Equal(!corrupts, found.WasReset);
    }

    [SkippableFact]
    public async Task OnlyTheNotificationIsProofAndItComesAfterDisconnect()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs Linux.");
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var sender = new SafeFileDescriptor(NativeMethods.CreateStreamSocket(SocketConstants.AF_INET));
        using Socket peer = await ConnectAsync(sender.Descriptor, listener);
        BufferLease lease = Rent();
        long queued = SendZeroCopy(sender.Descriptor, lease);
        Skip.If(queued <= 0, $"This kernel refuses zero-copy sends (errno {-queued}).");
        var socket = new KernelTcpSocket(sender, null, null);
        Assert.Equal(-Errno.EAGAIN, socket.ReceiveNotification(out _));
        Assert.Equal(0, socket.ShutdownWrites());
        Assert.Equal(-Errno.EAGAIN, socket.ReceiveNotification(out _));
        Assert.Equal(0, socket.Disconnect());
        ZeroCopyNotification notification = default;
        await Within.Until(() => socket.ReceiveNotification(out notification) == 1, "the kernel gives the memory back");
        Assert.Equal((0u, 0u), (notification.Low, notification.High));
        lease.Release();
    }

    /// <summary>
    /// Two ends in which a target without a drain gets away with it: the kernel made them, and drops what was queued without being asked. Every other end begins with the
    /// target, while the kernel goes on sending.
    /// </summary>
    [SkippableTheory]
    [InlineData("the peer's RST", Errno.ECONNRESET)]
    [InlineData("TCP_USER_TIMEOUT", Errno.ETIMEDOUT)]
    public async Task TheKernelDropsTheQueueItself(string end, int errno)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs Linux.");
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var sender = new SafeFileDescriptor(NativeMethods.CreateStreamSocket(SocketConstants.AF_INET));
        using Socket peer = await ConnectAsync(sender.Descriptor, listener);
        BufferLease lease = Rent();
        long queued = SendZeroCopy(sender.Descriptor, lease);
        Skip.If(queued <= 0, $"This kernel refuses zero-copy sends (errno {-queued}).");
        var socket = new KernelTcpSocket(sender, null, null);
        Assert.True(socket.UnacknowledgedBytes() > 0);
        Assert.Equal(-Errno.EAGAIN, socket.ReceiveNotification(out _));
        if (errno == Errno.ETIMEDOUT)
        {
            Assert.Equal(0, NativeMethods.SetOption(sender.Descriptor, SocketConstants.IPPROTO_TCP, SocketConstants.TCP_USER_TIMEOUT, 300));
        }
        else
        {
            peer.LingerState = new LingerOption(true, 0);
            peer.Close();
        }

        int error = 0;
        await Within.Until(() => (error = socket.TakeError()) != 0, end);
        Assert.Equal(errno, error);

        // The error may be there a moment ahead of the proof. SIOCOUTQ goes on counting what will never be acknowledged.
        await Within.Until(() => socket.ReceiveNotification(out _) == 1, "the kernel gives the memory back");
        Assert.True(socket.UnacknowledgedBytes() > 0);
        lease.Release();
    }

    private static async Task<Socket> ConnectAsync(int socket, Socket listener)
    {
        // As large as the kernel lets it be: with root's rights everything fits, otherwise as much as net.core.wmem_max allows.
        if (NativeMethods.SetOption(socket, SocketConstants.SOL_SOCKET, SocketConstants.SO_SNDBUFFORCE, 4 << 20) < 0)
        {
            NativeMethods.SetOption(socket, SocketConstants.SOL_SOCKET, SocketConstants.SO_SNDBUF, 4 << 20);
        }

        NativeMethods.SetOption(socket, SocketConstants.SOL_SOCKET, SocketConstants.SO_ZEROCOPY, 1);
        int result = NativeMethods.ConnectSocket(socket, SocketAddresses.ToNative((IPEndPoint)listener.LocalEndPoint!));
        Assert.True(result is 0 or -Errno.EINPROGRESS);
        return await listener.AcceptAsync().WaitAsync(Within.Limit);
    }

    private BufferLease Rent()
    {
        Assert.True(_pool.TryRent(Length, BufferPriority.InputOutput, out BufferLease lease));
        PeerStream.Fill(lease.Span, 0);
        return lease;
    }

    private static unsafe long SendZeroCopy(int socket, BufferLease lease)
    {
        IoVector vector = new(lease.Pointer, lease.Length);
        MessageHeader message = new() { Vectors = &vector, VectorCount = 1 };
        return NativeMethods.SendMessage(socket, &message, SocketConstants.MSG_ZEROCOPY | SocketConstants.MSG_DONTWAIT | SocketConstants.MSG_NOSIGNAL);
    }

    private static void TearDown(SafeFileDescriptor sender, string teardown)
    {
        switch (teardown)
        {
            case "close":
                sender.Dispose();
                break;
            case "shutdown(WR)":
                Assert.Equal(0, NativeMethods.ShutdownSocket(sender.Descriptor, SocketConstants.SHUT_WR));
                break;
            case "shutdown(RDWR)":
                Assert.Equal(0, NativeMethods.ShutdownSocket(sender.Descriptor, SocketConstants.SHUT_RDWR));
                break;
            case "linger-close":
                Assert.Equal(0, NativeMethods.SetLinger(sender.Descriptor, new Linger { OnOff = 1 }));
                sender.Dispose();
                break;
            default:
                Assert.Equal(0, NativeMethods.DisconnectSocket(sender.Descriptor));
                break;
        }
    }
}
