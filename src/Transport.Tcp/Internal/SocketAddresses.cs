using System.Net;
using System.Net.Sockets;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>Between end points and the kernel's <c>sockaddr</c>.</summary>
internal static class SocketAddresses
{
    /// <summary>Room for a <c>sockaddr_un</c>, the longest.</summary>
    public const int MaxSize = 110;

    private static readonly IPEndPoint AnyV4 = new(IPAddress.Any, 0);
    private static readonly IPEndPoint AnyV6 = new(IPAddress.IPv6Any, 0);
    private static readonly UnixDomainSocketEndPoint AnyUnix = new("/");

    public static int Family(EndPoint endPoint) => endPoint.AddressFamily switch
    {
        AddressFamily.Unix => SocketConstants.AF_UNIX,
        AddressFamily.InterNetworkV6 => SocketConstants.AF_INET6,
        _ => SocketConstants.AF_INET,
    };

    public static byte[] ToNative(EndPoint endPoint)
    {
        SocketAddress address = endPoint.Serialize();
        return address.Buffer[..address.Size].ToArray();
    }

    public static EndPoint? FromNative(ReadOnlySpan<byte> native)
    {
        if (native.Length < sizeof(ushort))
        {
            return null;
        }

        EndPoint? prototype = BitConverter.ToUInt16(native) switch
        {
            SocketConstants.AF_INET => AnyV4,
            SocketConstants.AF_INET6 => AnyV6,
            SocketConstants.AF_UNIX => AnyUnix,
            _ => null,
        };
        if (prototype is null)
        {
            return null;
        }

        var address = new SocketAddress(prototype.AddressFamily, native.Length);
        native.CopyTo(address.Buffer.Span);
        return prototype.Create(address);
    }

    public static EndPoint? LocalEndPoint(int socket)
    {
        Span<byte> native = stackalloc byte[MaxSize];
        return NativeMethods.LocalAddress(socket, native, out int length) < 0 ? null : FromNative(native[..length]);
    }

    /// <summary>Both ends on this host: the bytes travel over the loopback device, which copies on delivery.</summary>
    public static bool IsSameHost(EndPoint? local, EndPoint? remote) =>
        local is UnixDomainSocketEndPoint || remote is IPEndPoint { Address: var peer } && (IPAddress.IsLoopback(peer) || (local is IPEndPoint { Address: var own } && own.Equals(peer)));
}
