using System.Security.Cryptography;
using System.Text;

namespace Nvmf.Hosting.Internal;

/// <summary>UUIDs that depend on names alone (RFC 9562 version 8 over SHA-256).</summary>
internal static class StableUuid
{
    public static Guid Create(string nqn, string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{nqn}\n{name}"), hash);
        Span<byte> uuid = hash[..16];
        uuid[6] = (byte)((uuid[6] & 0x0F) | 0x80);
        uuid[8] = (byte)((uuid[8] & 0x3F) | 0x80);
        return new Guid(uuid, bigEndian: true);
    }
}
