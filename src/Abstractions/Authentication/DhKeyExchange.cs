using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Nvmf.Abstractions.Authentication;

/// <summary>
/// One side of one Diffie-Hellman exchange: a private exponent that is used for it and never again. Making one and <see cref="TryDerive"/> each take a power, which is milliseconds
/// to tens of milliseconds: not on an event loop.
/// </summary>
internal sealed class DhKeyExchange : IDisposable
{
    private readonly FiniteFieldGroup _group;
    private readonly ulong[] _exponent;

    public DhKeyExchange(FiniteFieldGroup group)
    {
        _group = group;
        _exponent = GC.AllocateUninitializedArray<ulong>(group.ExponentWords, pinned: true);
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(_exponent.AsSpan()));

        // Never zero, and always as long as it is meant to be.
        _exponent[^1] |= 1ul << 63;
        var value = new ulong[group.Field.Length];
        value[0] = 2;
        group.Field.Power(value, _exponent, value);
        PublicValue = new byte[group.Length];
        Write(value, PublicValue);
    }

    /// <summary>Big endian, as long as the prime.</summary>
    public byte[] PublicValue { get; }

    /// <summary>Computes the session key.</summary>
    /// <param name="publicValue">The other side's, big endian.</param>
    /// <param name="sessionKey">As long as the prime; the caller's to overwrite.</param>
    /// <returns>False: the value is no member of the group that could be used (RFC 7919: 2 to p - 2), or is our own.</returns>
    public bool TryDerive(ReadOnlySpan<byte> publicValue, Span<byte> sessionKey)
    {
        if (publicValue.Length != _group.Length || publicValue.SequenceEqual(PublicValue))
        {
            return false;
        }

        var number = new BigInteger(publicValue, isUnsigned: true, isBigEndian: true);
        if (number < 2 || number > _group.Prime - 2)
        {
            return false;
        }

        var value = GC.AllocateUninitializedArray<ulong>(_group.Field.Length, pinned: true);
        Read(publicValue, value);
        _group.Field.Power(value, _exponent, value);
        Write(value, sessionKey);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(value.AsSpan()));
        return true;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_exponent.AsSpan()));

    private static void Read(ReadOnlySpan<byte> bytes, Span<ulong> words)
    {
        bytes.CopyTo(MemoryMarshal.AsBytes(words));
        MemoryMarshal.AsBytes(words).Reverse();
    }

    private static void Write(ReadOnlySpan<ulong> words, Span<byte> bytes)
    {
        MemoryMarshal.AsBytes(words).CopyTo(bytes);
        bytes.Reverse();
    }
}
