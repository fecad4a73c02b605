using System.Security.Cryptography;
using System.Text;

namespace Nvmf.Target;

/// <summary>Identity that is derived, not drawn: the same after every restart, so that hosts recognise their disks.</summary>
internal static class SubsystemDefaults
{
    public const string ModelNumber = "Nvmf.Target";

    public const string FirmwareRevision = "0.1";

    private const int SerialNumberLength = 20;

    public static string SerialNumber(string nqn) => Convert.ToHexString(Hash(nqn)).ToUpperInvariant()[..SerialNumberLength];

    /// <summary>A UUID of version 8 (RFC 9562): a hash of our own choosing.</summary>
    public static Guid NamespaceUuid(string nqn, uint namespaceId)
    {
        Span<byte> bytes = Hash($"{nqn}\n{namespaceId}").AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
