using System.Numerics;

namespace Nvmf.Abstractions.Authentication;

/// <summary>
/// A Diffie-Hellman group of RFC 7919: a safe prime p with the generator 2. The primes are computed by the formula that RFC 7919 gives for them, p = 2^b - 2^(b-64) +
/// ([2^(b-130) e] + X) 2^64 - 1; a test compares them with those of OpenSSL.
/// </summary>
internal sealed class FiniteFieldGroup
{
    // X of the formula, and the exponent's length: at least the "short exponent" that RFC 7919 recommends (225, 275, 325, 375 and 400 bits), in whole words.
    private static readonly Lazy<FiniteFieldGroup>[] Groups =
    [
        New(DhChapGroup.Ffdhe2048, 2048, 560316, 4),
        New(DhChapGroup.Ffdhe3072, 3072, 2625351, 5),
        New(DhChapGroup.Ffdhe4096, 4096, 5736041, 6),
        New(DhChapGroup.Ffdhe6144, 6144, 15705020, 6),
        New(DhChapGroup.Ffdhe8192, 8192, 10965728, 7),
    ];

    private FiniteFieldGroup(DhChapGroup group, int bits, int x, int exponentWords)
    {
        Group = group;
        Length = bits / 8;
        ExponentWords = exponentWords;
        BigInteger middle = EulerNumber(bits - 130) + x;
        Prime = (BigInteger.One << bits) - (BigInteger.One << (bits - 64)) + (middle << 64) - BigInteger.One;
        Field = new MontgomeryField(Prime);
    }

    public DhChapGroup Group { get; }

    /// <summary>Bytes of the prime, of every value, and of the session key.</summary>
    public int Length { get; }

    /// <summary>64-bit words of a private exponent.</summary>
    public int ExponentWords { get; }

    public BigInteger Prime { get; }

    public MontgomeryField Field { get; }

    public static bool IsKnown(byte identifier) => identifier <= (byte)DhChapGroup.Ffdhe8192;

    /// <summary>DHVLEN of a group: 0 for the NULL group.</summary>
    public static int LengthOf(DhChapGroup group) => group == DhChapGroup.Null ? 0 : Get(group).Length;

    /// <summary>Any group but NULL; computed when it is first asked for (milliseconds).</summary>
    public static FiniteFieldGroup Get(DhChapGroup group) => Groups[(int)group - 1].Value;

    private static Lazy<FiniteFieldGroup> New(DhChapGroup group, int bits, int x, int exponentWords) => new(() => new FiniteFieldGroup(group, bits, x, exponentWords));

    /// <summary>The integer part of 2^<paramref name="bits"/> e: the series of 1/k!, with room for what the divisions cut off.</summary>
    private static BigInteger EulerNumber(int bits)
    {
        const int GuardBits = 64;
        BigInteger term = BigInteger.One << (bits + GuardBits);
        BigInteger sum = term;
        for (int k = 1; !term.IsZero; k++)
        {
            term /= k;
            sum += term;
        }

        return sum >> GuardBits;
    }
}
