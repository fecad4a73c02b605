using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>Error numbers as exceptions and causes.</summary>
internal static class SocketErrors
{
    public static string Text(int errno) => Marshal.GetPInvokeErrorMessage(errno);

    /// <summary>Why a connection broke.</summary>
    public static Exception Broken(int errno) => errno switch
    {
        _ when IsReset(errno) => new ConnectionResetException("The peer reset the connection."),
        Errno.ETIMEDOUT => new ConnectionAbortedException("The peer did not acknowledge within the user time-out of the connection."),
        _ => new IOException($"The connection broke: {Text(errno)}."),
    };

    public static bool IsReset(int errno) => errno is Errno.ECONNRESET or Errno.EPIPE or Errno.ENOTCONN;

    public static TeardownCause Cause(int errno) => errno == Errno.ETIMEDOUT ? TeardownCause.TimedOut : TeardownCause.ConnectionReset;

    /// <summary>Why a connection could not be made.</summary>
    public static SocketException ConnectFailed(EndPoint endPoint, int errno) => new((int)Code(errno), $"Cannot connect to {endPoint}: {Text(errno)}.");

    /// <summary>Why an address could not be bound.</summary>
    public static Exception BindFailed(EndPoint endPoint, int errno) => errno switch
    {
        Errno.EADDRINUSE => new AddressInUseException($"{endPoint} is in use.", new SocketException((int)SocketError.AddressAlreadyInUse)),
        Errno.EACCES or Errno.EPERM => new IOException(
            $"No permission to listen on {endPoint}: low ports need root or CAP_NET_BIND_SERVICE.", new SocketException((int)SocketError.AccessDenied)),
        Errno.EADDRNOTAVAIL => new IOException(
            $"Cannot listen on {endPoint}: no interface of this host has that address.", new SocketException((int)SocketError.AddressNotAvailable)),
        _ => new IOException($"Cannot listen on {endPoint}: {Text(errno)}.", new SocketException((int)Code(errno))),
    };

    private static SocketError Code(int errno) => errno switch
    {
        Errno.ECONNREFUSED => SocketError.ConnectionRefused,
        Errno.ECONNRESET => SocketError.ConnectionReset,
        Errno.ETIMEDOUT => SocketError.TimedOut,
        Errno.EHOSTUNREACH => SocketError.HostUnreachable,
        Errno.ENETUNREACH => SocketError.NetworkUnreachable,
        Errno.EADDRINUSE => SocketError.AddressAlreadyInUse,
        Errno.EADDRNOTAVAIL => SocketError.AddressNotAvailable,
        Errno.EACCES or Errno.EPERM => SocketError.AccessDenied,
        Errno.EMFILE or Errno.ENFILE => SocketError.TooManyOpenSockets,
        Errno.ENOBUFS or Errno.ENOMEM => SocketError.NoBufferSpaceAvailable,
        _ => SocketError.SocketError,
    };
}
