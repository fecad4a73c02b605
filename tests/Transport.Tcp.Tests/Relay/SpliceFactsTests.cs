using System.Net;
using System.Net.Sockets;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Tests.Connections;

namespace Nvmf.Transport.Tcp.Tests.Relay;

/// <summary>What the kernel does, and the relay relies on.</summary>
public sealed class SpliceFactsTests : IDisposable
{
    private const int PipeSize = 64 << 10;
    private readonly Socket _peer = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Socket _socket;
    private readonly SafeFileDescriptor _readEnd;
    private readonly SafeFileDescriptor _writeEnd;

    public SpliceFactsTests()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _peer.Connect(listener.LocalEndPoint!);
        _socket = listener.Accept();
        _socket.Blocking = false;
        Assert.True(NativeMethods.CreatePipe(out int readEnd, out int writeEnd) >= 0);
        _readEnd = new SafeFileDescriptor(readEnd);
        _writeEnd = new SafeFileDescriptor(writeEnd);
        Assert.Equal(PipeSize, NativeMethods.SetPipeSize(writeEnd, PipeSize));
        Assert.Equal(PipeSize, NativeMethods.GetPipeSize(readEnd));
    }

    /// <summary>Why the relay keeps count, and asks again after it has delivered something.</summary>
    [Fact]
    public async Task AnEmptySocketAndAFullPipeAnswerTheSame()
    {
        Assert.Equal(-Errno.EAGAIN, Fill());
        await FillPipeAsync();
        Assert.True(_socket.Available > 0);
        Assert.Equal(-Errno.EAGAIN, Fill());
    }

    /// <summary>Why the count of bytes alone does not say that a pipe is full.</summary>
    [Fact]
    public async Task APipeIsFullByPages()
    {
        await FillPipeAsync();
        Assert.InRange(NativeMethods.AvailableBytes(_readEnd.Descriptor), 1, PipeSize / 2);
    }

    /// <summary>Why a relay is reset at once, and does not read on: it would take a reset for the end of the stream.</summary>
    [Fact]
    public async Task AResetIsToldOnceBehindTheBytesThatCameBeforeIt()
    {
        _peer.Send(new byte[100]);
        _peer.Close(0);
        await Within.Until(() => _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 100, "the bytes");
        Assert.Equal(100, Fill());
        nint result = 0;
        await Within.Until(() => (result = Fill()) != -Errno.EAGAIN, "the reset");
        Assert.Equal(-Errno.ECONNRESET, result);
        Assert.Equal(0, Fill());
    }

    [Fact]
    public async Task TheEndOfTheStreamIsToldWithBytesInThePipe()
    {
        _peer.Send(new byte[100]);
        _peer.Shutdown(SocketShutdown.Send);
        await Within.Until(() => _socket.Available == 100, "the bytes");
        Assert.Equal(100, Fill());
        nint result = 0;
        await Within.Until(() => (result = Fill()) != -Errno.EAGAIN, "the end");
        Assert.Equal(0, result);
        Assert.Equal(100, NativeMethods.AvailableBytes(_readEnd.Descriptor));
    }

    public void Dispose()
    {
        _peer.Dispose();
        _socket.Dispose();
        _readEnd.Dispose();
        _writeEnd.Dispose();
    }

    private nint Fill() => NativeMethods.Splice((int)_socket.Handle, _writeEnd.Descriptor, 1 << 20, more: false);

    /// <summary>Single bytes, each in a page of its own, until no page is left and more wait in the socket.</summary>
    private async Task FillPipeAsync()
    {
        for (int i = 0; i < 100; i++)
        {
            _peer.Send(new byte[1]);
            await Within.Until(() => _socket.Available > 0, "a byte");
            if (Fill() == -Errno.EAGAIN)
            {
                return;
            }
        }

        Assert.Fail("The pipe is not full after 100 chunks.");
    }
}
