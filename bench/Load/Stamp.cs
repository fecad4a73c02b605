using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Nvmf.Bench.Load;

/// <summary>
/// Contents that say where they belong: in every 512 bytes the address, the generation, and words derived from both, so that foreign, stale, shifted and torn
/// data all differ.
/// </summary>
internal static class Stamp
{
    public const int Unit = 512;

    public static void Write(Span<byte> data, ulong address, ulong generation)
    {
        for (var offset = 0; offset < data.Length; offset += Unit)
        {
            var words = MemoryMarshal.Cast<byte, ulong>(data.Slice(offset, Unit));
            var unit = (address + (ulong)offset) / Unit;
            words[0] = unit;
            words[1] = generation;
            var mixed = Mix(unit, generation);
            for (var i = 2; i < words.Length; i++)
            {
                words[i] = mixed += 0x9E37_79B9_7F4A_7C15;
            }
        }
    }

    /// <returns>Null when the data is what was written, otherwise what is wrong with it.</returns>
    public static string? Check(ReadOnlySpan<byte> data, ulong address, ulong generation)
    {
        for (var offset = 0; offset < data.Length; offset += Unit)
        {
            var words = MemoryMarshal.Cast<byte, ulong>(data.Slice(offset, Unit));
            var unit = (address + (ulong)offset) / Unit;
            var same = words[0] == unit && words[1] == generation;
            var mixed = Mix(unit, generation);
            for (var i = 2; i < words.Length && same; i++)
            {
                same = words[i] == (mixed += 0x9E37_79B9_7F4A_7C15);
            }

            if (!same)
            {
                return Describe(data.Slice(offset, Unit), unit, generation);
            }
        }

        return null;
    }

    private static ulong Mix(ulong unit, ulong generation) => (unit * 0xD6E8_FEB8_6659_FD93) ^ (generation * 0xA076_1D64_78BD_642F);

    private static string Describe(ReadOnlySpan<byte> found, ulong unit, ulong generation)
    {
        var foundUnit = BinaryPrimitives.ReadUInt64LittleEndian(found);
        var foundGeneration = BinaryPrimitives.ReadUInt64LittleEndian(found[8..]);
        var what = (foundUnit == unit, foundGeneration == generation) switch
        {
            (true, true) => "the right stamp, but other bytes behind it",
            (true, false) => $"generation {foundGeneration:X} of the same place",
            _ => $"stamp {foundUnit:X}, generation {foundGeneration:X}",
        };
        return $"at byte {unit * Unit}: expected generation {generation:X}, found {what}";
    }
}
