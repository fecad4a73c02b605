namespace Nvmf.Abstractions.Authentication;

/// <summary>Hash functions of DH-HMAC-CHAP (NVMe Base, DH-HMAC-CHAP, hash function identifiers).</summary>
public enum DhChapHash : byte
{
    /// <summary>SHA-256, 32 bytes.</summary>
    Sha256 = 1,

    /// <summary>SHA-384, 48 bytes.</summary>
    Sha384 = 2,

    /// <summary>SHA-512, 64 bytes.</summary>
    Sha512 = 3,
}
