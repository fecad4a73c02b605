using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

internal sealed unsafe partial class KernelTcpSocket
{
    private const int ControlSize = 128;

    public override int ReceiveNotification(out ZeroCopyNotification notification)
    {
        notification = default;
        if (!_isTcp)
        {
            return -Errno.EAGAIN;
        }

        byte* control = stackalloc byte[ControlSize];
        MessageHeader message = new() { Control = control, ControlLength = ControlSize };
        nint result = NativeMethods.ReceiveMessage(_socket, &message, SocketConstants.MSG_ERRQUEUE | SocketConstants.MSG_DONTWAIT);
        if (result < 0)
        {
            return (int)result;
        }

        return TryParse(control, (int)message.ControlLength, out notification) ? 1 : 0;
    }

    /// <summary>Finds a zero-copy notification among the control messages of one error-queue message.</summary>
    internal static bool TryParse(byte* control, int length, out ZeroCopyNotification notification)
    {
        int offset = 0;
        while (length - offset >= sizeof(ControlMessageHeader))
        {
            var header = (ControlMessageHeader*)(control + offset);
            if (header->Length < (nuint)sizeof(ControlMessageHeader) || header->Length > (nuint)(length - offset))
            {
                break;
            }

            bool isError = (header->Level, header->Type) is
                (SocketConstants.IPPROTO_IP, SocketConstants.IP_RECVERR) or (SocketConstants.IPPROTO_IPV6, SocketConstants.IPV6_RECVERR);
            if (isError && header->Length >= (nuint)(sizeof(ControlMessageHeader) + sizeof(ExtendedSocketError)))
            {
                var error = (ExtendedSocketError*)(header + 1);
                if (error->Origin == SocketConstants.SO_EE_ORIGIN_ZEROCOPY && error->ErrorNumber == 0)
                {
                    notification = new ZeroCopyNotification(error->Info, error->Data, error->Code == SocketConstants.SO_EE_CODE_ZEROCOPY_COPIED);
                    return true;
                }
            }

            offset += ((int)header->Length + 7) & ~7;
        }

        notification = default;
        return false;
    }
}
