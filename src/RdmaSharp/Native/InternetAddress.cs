using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace RdmaSharp.Native;

/// <summary><c>struct sockaddr_in</c> and <c>sockaddr_in6</c>.</summary>
internal static class InternetAddress
{
    /// <summary>Room for either: <c>sizeof(struct sockaddr_in6)</c>.</summary>
    public const int MaximumLength = 28;

    private const int FamilyInterNetwork = 2;
    private const int FamilyInterNetworkV6 = 10;

    public static void Write(IPEndPoint endPoint, Span<byte> address)
    {
        address.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], (ushort)endPoint.Port);
        if (endPoint.AddressFamily == AddressFamily.InterNetwork)
        {
            BitConverter.TryWriteBytes(address, (ushort)FamilyInterNetwork);
            endPoint.Address.TryWriteBytes(address[4..], out _);
            return;
        }

        BitConverter.TryWriteBytes(address, (ushort)FamilyInterNetworkV6);
        endPoint.Address.TryWriteBytes(address[8..], out _);
        BitConverter.TryWriteBytes(address[24..], (uint)endPoint.Address.ScopeId);
    }

    /// <summary>Null when there is none, or of another family.</summary>
    public static IPEndPoint? Read(ReadOnlySpan<byte> address)
    {
        int port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return BitConverter.ToUInt16(address) switch
        {
            FamilyInterNetwork => new IPEndPoint(new IPAddress(address.Slice(4, 4)), port),
            FamilyInterNetworkV6 => new IPEndPoint(new IPAddress(address.Slice(8, 16), BitConverter.ToUInt32(address[24..])), port),
            _ => null,
        };
    }
}
