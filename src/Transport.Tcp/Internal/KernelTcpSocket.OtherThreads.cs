using System.Net.Sockets;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

internal sealed partial class KernelTcpSocket
{
    public override bool TryKeepOpen()
    {
        bool isKept = false;
        if (descriptor.IsClosed)
        {
            return false;
        }

        try
        {
            descriptor.DangerousAddRef(ref isKept);
        }
        catch (ObjectDisposedException)
        {
            // Closed just now.
        }

        return isKept;
    }

    public override void LetClose() => descriptor.DangerousRelease();

    public override Socket? CreateSocket()
    {
        if (!TryKeepOpen())
        {
            return null;
        }

        try
        {
            int copy = NativeMethods.DuplicateSocket(_socket);
            return copy < 0 ? null : new Socket(new SafeSocketHandle(copy, ownsHandle: true));
        }
        finally
        {
            LetClose();
        }
    }
}
