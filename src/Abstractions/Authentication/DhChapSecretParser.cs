using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Nvmf.Abstractions.Authentication;

/// <summary>Reads secrets. Its sentences never repeat what they are about.</summary>
internal static class DhChapSecretParser
{
    private const string Prefix = "DHHC-1:";
    private const int ChecksumLength = 4;
    private const uint Crc32Polynomial = 0xEDB8_8320;

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out DhChapSecret? secret, [NotNullWhen(false)] out string? error)
    {
        secret = null;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text.Length < Prefix.Length + 3 || text[Prefix.Length + 2] != ':')
        {
            error = "A DH-HMAC-CHAP secret has the form DHHC-1:0x:BASE64:, as 'nvme gen-dhchap-key' prints it.";
            return false;
        }

        ReadOnlySpan<char> transformation = text.Slice(Prefix.Length, 2);
        if (transformation[0] != '0' || transformation[1] is < '0' or > '3')
        {
            error = "A DH-HMAC-CHAP secret begins with DHHC-1:00:, DHHC-1:01:, DHHC-1:02: or DHHC-1:03:, this one does not.";
            return false;
        }

        ReadOnlySpan<char> base64 = text[(Prefix.Length + 3)..];
        if (base64.IsEmpty || base64[^1] != ':' || base64[..^1].Contains(':'))
        {
            error = "A DH-HMAC-CHAP secret ends with a colon behind its base64 part, this one does not.";
            return false;
        }

        int hash = transformation[1] - '0';
        return TryDecode(hash == 0 ? null : (DhChapHash)hash, base64[..^1], out secret, out error);
    }

    private static bool TryDecode(DhChapHash? transformation, ReadOnlySpan<char> base64, [NotNullWhen(true)] out DhChapSecret? secret, [NotNullWhen(false)] out string? error)
    {
        secret = null;
        error = null;
        Span<byte> bytes = stackalloc byte[DhChapSecret.MaxLength + ChecksumLength + 2];

        // .NET skips white space; here it is a mistake.
        if (base64.Length > 4 * bytes.Length / 3 || base64.ContainsAny(" \t\r\n") || !Convert.TryFromBase64Chars(base64, bytes, out int length))
        {
            error = base64.Length > 4 * bytes.Length / 3
                ? "The DH-HMAC-CHAP secret is too long; its key has 32, 48 or 64 bytes."
                : "The part of the DH-HMAC-CHAP secret between the last two colons is not base64.";
        }
        else if (length - ChecksumLength is not (32 or 48 or 64))
        {
            error = "The key of a DH-HMAC-CHAP secret has 32, 48 or 64 bytes and 4 of checksum, that of this one does not.";
        }
        else if (Crc32(bytes[..(length - ChecksumLength)]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[(length - ChecksumLength)..]))
        {
            error = "The checksum of the DH-HMAC-CHAP secret is wrong: it was mistyped or cut off.";
        }
        else
        {
            secret = new DhChapSecret(transformation, bytes[..(length - ChecksumLength)]);
        }

        CryptographicOperations.ZeroMemory(bytes);
        return secret != null;
    }

    // Bit by bit and without branches: these are key bytes, and few.
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (Crc32Polynomial & (0 - (crc & 1)));
            }
        }

        return ~crc;
    }
}
