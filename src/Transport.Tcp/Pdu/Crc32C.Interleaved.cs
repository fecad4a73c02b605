using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Nvmf.Transport.Tcp.Pdu;

/// <content>The CRC instruction has a latency of three cycles and a throughput of one: three independent lanes keep it busy.</content>
internal static partial class Crc32C
{
    // Multiples of 8. Three large lanes cover 4 KiB but for 16 bytes, three small ones nearly 512.
    private const int LargeLane = 1360;
    private const int SmallLane = 168;

    private static readonly (ulong One, ulong Two) LargeShift = (ShiftConstant(LargeLane), ShiftConstant(2 * LargeLane));
    private static readonly (ulong One, ulong Two) SmallShift = (ShiftConstant(SmallLane), ShiftConstant(2 * SmallLane));

    internal static bool CanInterleave => Sse42.X64.IsSupported && Pclmulqdq.IsSupported;

    internal static uint UpdateInterleaved(uint state, ReadOnlySpan<byte> data)
    {
        while (data.Length >= 3 * LargeLane)
        {
            state = ThreeLanes(state, data, LargeLane, LargeShift);
            data = data[(3 * LargeLane)..];
        }

        while (data.Length >= 3 * SmallLane)
        {
            state = ThreeLanes(state, data, SmallLane, SmallShift);
            data = data[(3 * SmallLane)..];
        }

        return UpdateSerial(state, data);
    }

    private static uint ThreeLanes(uint state, ReadOnlySpan<byte> data, int lane, (ulong One, ulong Two) shift)
    {
        ulong a = state, b = 0, c = 0;
        ref byte first = ref MemoryMarshal.GetReference(data[..(3 * lane)]);
        ref byte second = ref Unsafe.Add(ref first, lane);
        ref byte third = ref Unsafe.Add(ref second, lane);
        for (nint i = 0; i < lane; i += sizeof(ulong))
        {
            a = Sse42.X64.Crc32(a, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, i)));
            b = Sse42.X64.Crc32(b, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref second, i)));
            c = Sse42.X64.Crc32(c, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref third, i)));
        }

        // Lane a moves over two lanes, lane b over one. The CRC of the product reduces it and adds the factor x^32 that ShiftConstant leaves out.
        Vector128<ulong> moved = Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(a), Vector128.CreateScalar(shift.Two), 0)
            ^ Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(b), Vector128.CreateScalar(shift.One), 0);
        return (uint)(Sse42.X64.Crc32(0, moved.ToScalar()) ^ c);
    }

    // A product of two reflected factors is one bit short (factor x), and its CRC adds x^32: 33 less than the distance.
    private static ulong ShiftConstant(int bytes) => PowerOfX((8 * bytes) - 33);
}
