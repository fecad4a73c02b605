using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Nvmf.Abstractions.Authentication;

/// <summary>
/// Powers modulo an odd number whose length is a multiple of 64 bits, for secret exponents: neither a branch nor an address depends on the exponent, nor on a value. Numbers are
/// spans of 64-bit words, the least significant first.
/// </summary>
/// <remarks>
/// <see cref="BigInteger.ModPow"/> takes its time by the bits of the exponent, and .NET has no finite field Diffie-Hellman. What is not in our hands: the JIT could make a branch
/// of a carry (it compiles a comparison that becomes a number to a flag's value), and a processor could multiply some values faster.
/// </remarks>
internal sealed class MontgomeryField
{
    private const int WindowBits = 4;
    private const int TableSize = 1 << WindowBits;
    private const int WindowsPerWord = 64 / WindowBits;

    private readonly int _length;
    private readonly ulong[] _modulus;

    // R mod m and R^2 mod m, where R = 2^(64 length).
    private readonly ulong[] _one;
    private readonly ulong[] _square;

    // -1/m mod 2^64.
    private readonly ulong _inverse;

    public MontgomeryField(BigInteger modulus)
    {
        _length = (int)(modulus.GetBitLength() / 64);
        if (modulus.IsEven || modulus.GetBitLength() != 64L * _length || _length == 0)
        {
            throw new ArgumentException("The modulus must be odd, and as long as a whole number of words.", nameof(modulus));
        }

        _modulus = ToWords(modulus);
        _one = ToWords((BigInteger.One << (64 * _length)) % modulus);
        _square = ToWords((BigInteger.One << (128 * _length)) % modulus);

        // Newton: each step doubles the bits that are right, of which there are three to begin with.
        ulong inverse = _modulus[0];
        for (int i = 0; i < 5; i++)
        {
            inverse *= 2 - (_modulus[0] * inverse);
        }

        _inverse = 0 - inverse;
    }

    /// <summary>Words of a number.</summary>
    public int Length => _length;

    /// <summary><paramref name="result"/> = <paramref name="value"/> ^ <paramref name="exponent"/>.</summary>
    /// <param name="value">Less than the modulus.</param>
    /// <param name="exponent">Any number of words; that number is no secret.</param>
    /// <param name="result">May be <paramref name="value"/>.</param>
    public void Power(ReadOnlySpan<ulong> value, ReadOnlySpan<ulong> exponent, Span<ulong> result)
    {
        int n = _length;
        ulong[] memory = GC.AllocateUninitializedArray<ulong>(((TableSize + 2) * n) + n + 2, pinned: true);
        Span<ulong> table = memory.AsSpan(0, TableSize * n);
        Span<ulong> power = memory.AsSpan(TableSize * n, n);
        Span<ulong> factor = memory.AsSpan((TableSize + 1) * n, n);
        Span<ulong> scratch = memory.AsSpan((TableSize + 2) * n, n + 2);

        _one.CopyTo(table);
        Multiply(value, _square, table.Slice(n, n), scratch);
        for (int i = 2; i < TableSize; i++)
        {
            Multiply(table.Slice((i - 1) * n, n), table.Slice(n, n), table.Slice(i * n, n), scratch);
        }

        _one.CopyTo(power);
        for (int word = exponent.Length - 1; word >= 0; word--)
        {
            for (int window = WindowsPerWord - 1; window >= 0; window--)
            {
                for (int i = 0; i < WindowBits; i++)
                {
                    Multiply(power, power, power, scratch);
                }

                Select(table, (exponent[word] >> (window * WindowBits)) & (TableSize - 1), factor);
                Multiply(power, factor, power, scratch);
            }
        }

        factor.Clear();
        factor[0] = 1;
        Multiply(power, factor, result, scratch);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(memory.AsSpan()));
    }

    private ulong[] ToWords(BigInteger value)
    {
        var bytes = new byte[_length * 8];
        value.TryWriteBytes(bytes, out _, isUnsigned: true);
        return MemoryMarshal.Cast<byte, ulong>(bytes).ToArray();
    }

    /// <summary>Entry <paramref name="index"/> of the table: all are read, and one is kept.</summary>
    private static void Select(ReadOnlySpan<ulong> table, ulong index, Span<ulong> entry)
    {
        entry.Clear();
        for (ulong i = 0; i < TableSize; i++)
        {
            // All ones when the two are equal: only then the difference less one is negative.
            ulong mask = 0 - (((i ^ index) - 1) >> 63);
            ReadOnlySpan<ulong> candidate = table.Slice((int)i * entry.Length, entry.Length);
            for (int j = 0; j < entry.Length; j++)
            {
                entry[j] |= candidate[j] & mask;
            }
        }
    }

    /// <summary>Montgomery's product a b / R, word by word: below the modulus when one of the two is.</summary>
    private void Multiply(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> result, Span<ulong> scratch)
    {
        int n = _length;
        scratch.Clear();
        ref ulong t = ref MemoryMarshal.GetReference(scratch);
        ref ulong a = ref MemoryMarshal.GetReference(left);
        ref ulong b = ref MemoryMarshal.GetReference(right);
        ref ulong m = ref MemoryMarshal.GetReference(_modulus.AsSpan());
        for (int i = 0; i < n; i++)
        {
            ulong factor = Unsafe.Add(ref a, i);
            ulong carry = 0;
            for (int j = 0; j < n; j++)
            {
                Unsafe.Add(ref t, j) = MultiplyAdd(factor, Unsafe.Add(ref b, j), Unsafe.Add(ref t, j), ref carry);
            }

            ulong top = Unsafe.Add(ref t, n) + carry;
            Unsafe.Add(ref t, n + 1) = AsNumber(top < carry);
            Unsafe.Add(ref t, n) = top;

            factor = t * _inverse;
            carry = 0;
            MultiplyAdd(factor, m, t, ref carry);
            for (int j = 1; j < n; j++)
            {
                Unsafe.Add(ref t, j - 1) = MultiplyAdd(factor, Unsafe.Add(ref m, j), Unsafe.Add(ref t, j), ref carry);
            }

            top = Unsafe.Add(ref t, n) + carry;
            Unsafe.Add(ref t, n - 1) = top;
            Unsafe.Add(ref t, n) = Unsafe.Add(ref t, n + 1) + AsNumber(top < carry);
        }

        Reduce(scratch, result);
    }

    /// <summary>Takes the modulus off once if the number is not below it: both are computed, and one is kept.</summary>
    private void Reduce(ReadOnlySpan<ulong> number, Span<ulong> result)
    {
        ulong borrow = 0;
        for (int i = 0; i < _length; i++)
        {
            ulong difference = number[i] - _modulus[i];
            ulong next = AsNumber(number[i] < _modulus[i]) | AsNumber(difference < borrow);
            result[i] = difference - borrow;
            borrow = next;
        }

        // Below the modulus exactly when a borrow is left and there is no word above to take it from.
        ulong keep = 0 - (borrow & (number[_length] ^ 1));
        for (int i = 0; i < _length; i++)
        {
            result[i] = (number[i] & keep) | (result[i] & ~keep);
        }
    }

    /// <summary>a b + c + carry; the high word is the next carry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyAdd(ulong a, ulong b, ulong c, ref ulong carry)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        low += c;
        high += AsNumber(low < c);
        low += carry;
        carry = high + AsNumber(low < carry);
        return low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AsNumber(bool value) => Unsafe.BitCast<bool, byte>(value);
}
