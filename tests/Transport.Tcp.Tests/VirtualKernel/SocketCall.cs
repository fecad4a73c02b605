namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>System calls that can be made to fail.</summary>
internal enum SocketCall
{
    Send,
    SendZeroCopy,
    Receive,
    ReceiveNotification,
    Shutdown,
    Disconnect,
}
