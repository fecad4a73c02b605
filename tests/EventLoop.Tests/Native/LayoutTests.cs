using System.Runtime.InteropServices;
using Nvmf.EventLoop.Native;

namespace Nvmf.EventLoop.Tests.Native;

/// <summary>Structures against the kernel's ABI on 64-bit Linux.</summary>
public unsafe class LayoutTests
{
    [Fact]
    public void EpollEventIsPackedOnX64Only()
    {
        bool packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;
        Assert.Equal(packed ? 12 : 16, EpollItem.Size);
        Assert.Equal(packed ? 4 : 8, EpollItem.DataOffset);
        byte* item = stackalloc byte[16];
        EpollItem.Set(item, ReadyEvents.Readable | ReadyEvents.EdgeTriggered, 0x0123456789abcdef);
        Assert.Equal(0x8000_0001u, *(uint*)item);
        Assert.Equal(0x0123456789abcdefUL, EpollItem.Data(item));
        Assert.Equal(ReadyEvents.Readable | ReadyEvents.EdgeTriggered, EpollItem.Events(item));
    }

    [Fact]
    public void MessageHeader()
    {
        Assert.Equal(56, sizeof(MessageHeader));
        Assert.Equal(8, Offset<MessageHeader>(nameof(Nvmf.EventLoop.Native.MessageHeader.NameLength)));
        Assert.Equal(16, Offset<MessageHeader>(nameof(Nvmf.EventLoop.Native.MessageHeader.Vectors)));
        Assert.Equal(24, Offset<MessageHeader>(nameof(Nvmf.EventLoop.Native.MessageHeader.VectorCount)));
        Assert.Equal(32, Offset<MessageHeader>(nameof(Nvmf.EventLoop.Native.MessageHeader.Control)));
        Assert.Equal(40, Offset<MessageHeader>(nameof(Nvmf.EventLoop.Native.MessageHeader.ControlLength)));
        Assert.Equal(48, Offset<MessageHeader>(nameof(Nvmf.EventLoop.Native.MessageHeader.Flags)));
    }

    [Fact]
    public void IoVector()
    {
        Assert.Equal(16, sizeof(IoVector));
        Assert.Equal(8, Offset<IoVector>(nameof(Nvmf.EventLoop.Native.IoVector.Length)));
    }

    [Fact]
    public void ControlMessage()
    {
        Assert.Equal(16, sizeof(ControlMessageHeader));
        Assert.Equal(8, Offset<ControlMessageHeader>(nameof(ControlMessageHeader.Level)));
        Assert.Equal(12, Offset<ControlMessageHeader>(nameof(ControlMessageHeader.Type)));
    }

    [Fact]
    public void ExtendedError()
    {
        Assert.Equal(16, sizeof(ExtendedSocketError));
        Assert.Equal(4, Offset<ExtendedSocketError>(nameof(ExtendedSocketError.Origin)));
        Assert.Equal(6, Offset<ExtendedSocketError>(nameof(ExtendedSocketError.Code)));
        Assert.Equal(8, Offset<ExtendedSocketError>(nameof(ExtendedSocketError.Info)));
        Assert.Equal(12, Offset<ExtendedSocketError>(nameof(ExtendedSocketError.Data)));
    }

    [Fact]
    public void LingerOption() => Assert.Equal(8, sizeof(Linger));

    [Fact]
    public void ErrorsAreNegativeNumbers()
    {
        Assert.Equal(-Errno.EBADF, NativeMethods.CloseDescriptor(-1));
        Assert.Equal(-Errno.EBADF, NativeMethods.ListenSocket(-1, 1));
        byte* item = stackalloc byte[16];
        Assert.Equal(-Errno.EBADF, NativeMethods.WaitEpoll(-1, item, 1, 0));
    }

    private static int Offset<T>(string field) => (int)Marshal.OffsetOf<T>(field);
}
