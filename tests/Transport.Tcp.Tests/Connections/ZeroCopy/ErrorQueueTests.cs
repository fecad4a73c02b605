using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.Connections.ZeroCopy;

public unsafe class ErrorQueueTests
{
    [Theory]
    [InlineData(0, 11)]
    [InlineData(41, 25)]
    public void ANotificationIsFoundBehindOtherMessages(int level, int type)
    {
        byte* control = stackalloc byte[128];
        int length = Write(control, 0, level: 1, type: 29, [1, 2, 3, 4, 5]);
        length = Write(control, length, level, type, Error(origin: 5, code: 1, low: uint.MaxValue, high: 3));
        Assert.True(KernelTcpSocket.TryParse(control, length, out ZeroCopyNotification notification));
        Assert.Equal(new ZeroCopyNotification(uint.MaxValue, 3, true), notification);
    }

    [Fact]
    public void OtherOriginsAreNoNotifications()
    {
        byte* control = stackalloc byte[128];
        int length = Write(control, 0, 0, 11, Error(origin: 2, code: 0, low: 0, high: 3));
        Assert.False(KernelTcpSocket.TryParse(control, length, out _));
    }

    [Fact]
    public void TruncatedMessagesAreNoNotifications()
    {
        byte* control = stackalloc byte[128];
        int length = Write(control, 0, 0, 11, Error(origin: 5, code: 0, low: 0, high: 3));
        for (int i = 0; i < 32; i++)
        {
            Assert.False(KernelTcpSocket.TryParse(control, i, out _));
        }

        ((ControlMessageHeader*)control)->Length = 3;
        Assert.False(KernelTcpSocket.TryParse(control, length, out _));
    }

    private static int Write(byte* control, int offset, int level, int type, ReadOnlySpan<byte> data)
    {
        *(ControlMessageHeader*)(control + offset) = new ControlMessageHeader { Length = (nuint)(16 + data.Length), Level = level, Type = type };
        data.CopyTo(new Span<byte>(control + offset + 16, data.Length));
        return offset + ((16 + data.Length + 7) & ~7);
    }

    private static byte[] Error(byte origin, byte code, uint low, uint high)
    {
        var error = new ExtendedSocketError { Origin = origin, Code = code, Info = low, Data = high };
        return new ReadOnlySpan<byte>(&error, sizeof(ExtendedSocketError)).ToArray();
    }
}
