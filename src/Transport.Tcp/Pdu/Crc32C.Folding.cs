using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Nvmf.Transport.Tcp.Pdu;

/// <content>
/// Folding: a 128-bit piece of the message is replaced by a congruent one D bytes further on, four pieces per vector and four vectors at a time.
/// What is left at the end is 16 bytes with the same CRC as the message.
/// </content>
internal static partial class Crc32C
{
    private const int VectorBytes = 64;

    private static readonly Vector512<ulong> Over256 = Vector512.Create(FoldConstants(256));
    private static readonly Vector512<ulong> Over64 = Vector512.Create(FoldConstants(64));
    private static readonly Vector128<ulong> Over48 = FoldConstants(48);
    private static readonly Vector128<ulong> Over32 = FoldConstants(32);
    private static readonly Vector128<ulong> Over16 = FoldConstants(16);

    internal static uint UpdateFolding(uint state, ReadOnlySpan<byte> data)
    {
        ref byte start = ref MemoryMarshal.GetReference(data);
        Vector512<ulong> v0 = Load(ref start, 0) ^ Vector512.CreateScalar((ulong)state);
        Vector512<ulong> v1 = Load(ref start, VectorBytes);
        Vector512<ulong> v2 = Load(ref start, 2 * VectorBytes);
        Vector512<ulong> v3 = Load(ref start, 3 * VectorBytes);
        int position = 4 * VectorBytes;

        Vector512<ulong> over256 = Over256;
        for (; position <= data.Length - (4 * VectorBytes); position += 4 * VectorBytes)
        {
            v0 = Fold(v0, over256) ^ Load(ref start, position);
            v1 = Fold(v1, over256) ^ Load(ref start, position + VectorBytes);
            v2 = Fold(v2, over256) ^ Load(ref start, position + (2 * VectorBytes));
            v3 = Fold(v3, over256) ^ Load(ref start, position + (3 * VectorBytes));
        }

        Vector512<ulong> over64 = Over64;
        v1 ^= Fold(v0, over64);
        v2 ^= Fold(v1, over64);
        v3 ^= Fold(v2, over64);
        for (; position <= data.Length - VectorBytes; position += VectorBytes)
        {
            v3 = Fold(v3, over64) ^ Load(ref start, position);
        }

        Vector128<ulong> rest = Fold(v3.GetLower().GetLower(), Over48)
            ^ Fold(v3.GetLower().GetUpper(), Over32)
            ^ Fold(v3.GetUpper().GetLower(), Over16)
            ^ v3.GetUpper().GetUpper();
        state = BitOperations.Crc32C(BitOperations.Crc32C(0, rest.GetElement(0)), rest.GetElement(1));
        return UpdateSerial(state, data[position..]);
    }

    // The low half (first in memory, so the higher powers) moves by 8D + 64 bits, the high half by 8D. A product of a reflected 64-bit and a reflected
    // 32-bit factor is short of x^33.
    private static Vector128<ulong> FoldConstants(int distance) =>
        Vector128.Create((ulong)PowerOfX((8 * distance) + 31), PowerOfX((8 * distance) - 33));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Load(ref byte start, int offset) => Vector512.LoadUnsafe(ref start, (nuint)offset).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Fold(Vector512<ulong> value, Vector512<ulong> constants) =>
        Pclmulqdq.V512.CarrylessMultiply(value, constants, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(value, constants, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Fold(Vector128<ulong> value, Vector128<ulong> constants) =>
        Pclmulqdq.CarrylessMultiply(value, constants, 0x00) ^ Pclmulqdq.CarrylessMultiply(value, constants, 0x11);
}
