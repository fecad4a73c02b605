using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>
/// CRC-32C (Castagnoli: reflected, initial value and final XOR FFFFFFFFh), the digest of NVMe/TCP. The fastest of three ways that the processor can do:
/// folding with 512-bit carry-less multiplication, three interleaved CRC instructions, one CRC instruction after the other.
/// </summary>
internal static partial class Crc32C
{
    // Below these lengths the setup costs more than it saves.
    private const int FoldThreshold = 256;
    private const int InterleaveThreshold = 3 * SmallLane;

    /// <summary>The digest of <paramref name="data"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => Append(0, data);

    /// <summary>The digest of what <paramref name="digest"/> covers followed by <paramref name="data"/>; 0 covers nothing.</summary>
    public static uint Append(uint digest, ReadOnlySpan<byte> data) => ~Update(~digest, data);

    private static uint Update(uint state, ReadOnlySpan<byte> data)
    {
        if (data.Length >= FoldThreshold && Pclmulqdq.V512.IsSupported)
        {
            return UpdateFolding(state, data);
        }

        return data.Length >= InterleaveThreshold && CanInterleave ? UpdateInterleaved(state, data) : UpdateSerial(state, data);
    }

    internal static uint UpdateSerial(uint state, ReadOnlySpan<byte> data)
    {
        while (data.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (byte value in data)
        {
            state = BitOperations.Crc32C(state, value);
        }

        return state;
    }

    /// <summary>x^<paramref name="exponent"/> modulo the polynomial, reflected: bit 31 is the coefficient of x^0.</summary>
    private static uint PowerOfX(int exponent)
    {
        const uint ReflectedPolynomial = 0x82F63B78;
        uint power = 1u << 31;
        for (int i = 0; i < exponent; i++)
        {
            power = (power >> 1) ^ ((power & 1) * ReflectedPolynomial);
        }

        return power;
    }
}
