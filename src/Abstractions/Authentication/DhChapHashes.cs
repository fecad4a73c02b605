using System.Security.Cryptography;

namespace Nvmf.Abstractions.Authentication;

/// <summary>What the hash functions do.</summary>
internal static class DhChapHashes
{
    /// <summary>Bytes of the longest.</summary>
    public const int MaxLength = 64;

    public static bool IsKnown(byte identifier) => identifier is >= (byte)DhChapHash.Sha256 and <= (byte)DhChapHash.Sha512;

    /// <summary>Bytes of a digest, and of a challenge.</summary>
    public static int Length(this DhChapHash hash) => hash switch
    {
        DhChapHash.Sha256 => 32,
        DhChapHash.Sha384 => 48,
        DhChapHash.Sha512 => 64,
        _ => throw new ArgumentOutOfRangeException(nameof(hash)),
    };

    /// <summary>HMAC of <paramref name="data"/>.</summary>
    public static void Authenticate(this DhChapHash hash, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> destination) =>
        CryptographicOperations.HmacData(Name(hash), key, data, destination);

    public static void Digest(this DhChapHash hash, ReadOnlySpan<byte> data, Span<byte> destination) =>
        CryptographicOperations.HashData(Name(hash), data, destination);

    private static HashAlgorithmName Name(DhChapHash hash) => hash switch
    {
        DhChapHash.Sha256 => HashAlgorithmName.SHA256,
        DhChapHash.Sha384 => HashAlgorithmName.SHA384,
        _ => HashAlgorithmName.SHA512,
    };
}
