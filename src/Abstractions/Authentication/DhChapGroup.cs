namespace Nvmf.Abstractions.Authentication;

/// <summary>Diffie-Hellman groups of DH-HMAC-CHAP (NVMe Base, DH-HMAC-CHAP, Diffie-Hellman group identifiers; RFC 7919).</summary>
public enum DhChapGroup : byte
{
    /// <summary>No exchange: whoever recorded an authentication can try secrets against it.</summary>
    Null = 0,

    /// <summary>2048 bits.</summary>
    Ffdhe2048 = 1,

    /// <summary>3072 bits.</summary>
    Ffdhe3072 = 2,

    /// <summary>4096 bits.</summary>
    Ffdhe4096 = 3,

    /// <summary>6144 bits.</summary>
    Ffdhe6144 = 4,

    /// <summary>8192 bits.</summary>
    Ffdhe8192 = 5,
}
