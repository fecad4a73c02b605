using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>Opens the listening socket of an end point.</summary>
internal static class ListenSockets
{
    /// <summary>IP addresses, paths of Unix domain sockets, and descriptors that somebody else opened; not pipes.</summary>
    public static bool CanOpen(EndPoint endPoint) =>
        endPoint is IPEndPoint or UnixDomainSocketEndPoint or FileHandleEndPoint { FileHandleType: FileHandleType.Auto or FileHandleType.Tcp };

    /// <returns>The listening socket and the address it is bound to: a port 0 is resolved.</returns>
    public static (SafeFileDescriptor Socket, EndPoint Bound) Open(EndPoint endPoint, TcpTransportOptions options)
    {
        int result = endPoint is FileHandleEndPoint handle
            ? checked((int)handle.FileHandle)
            : NativeMethods.CreateStreamSocket(SocketAddresses.Family(endPoint));
        if (result < 0)
        {
            throw SocketErrors.BindFailed(endPoint, -result);
        }

        var socket = new SafeFileDescriptor(result);
        try
        {
            int error = endPoint is FileHandleEndPoint ? NativeMethods.SetNonBlocking(result) : Bind(result, endPoint, options);
            if (error >= 0)
            {
                error = NativeMethods.ListenSocket(result, options.Backlog);
            }

            if (error < 0)
            {
                throw SocketErrors.BindFailed(endPoint, -error);
            }

            EndPoint? bound = endPoint is UnixDomainSocketEndPoint ? endPoint : SocketAddresses.LocalEndPoint(result);
            return (socket, bound ?? endPoint);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static int Bind(int socket, EndPoint endPoint, TcpTransportOptions options)
    {
        if (endPoint is IPEndPoint { Address: var address })
        {
            // Otherwise a restarted server would have to wait for the old connections' TIME_WAIT.
            _ = NativeMethods.SetOption(socket, SocketConstants.SOL_SOCKET, SocketConstants.SO_REUSEADDR, 1);
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                int only = address.Equals(IPAddress.IPv6Any) ? 0 : 1;
                _ = NativeMethods.SetOption(socket, SocketConstants.IPPROTO_IPV6, SocketConstants.IPV6_V6ONLY, only);
            }
        }

        KernelTcpSocket.SetBufferSizes(socket, options);
        return NativeMethods.BindSocket(socket, SocketAddresses.ToNative(endPoint));
    }
}
