using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Buffers;

/// <summary>The pattern of free blocks: 0xDEADBEEF and the low half of the generation, as one 64-bit word over and over.</summary>
internal static unsafe class BufferPoison
{
    public static void Fill(BufferBlock block) => Words(block).Fill(Pattern(block.Generation));

    /// <summary>Null when nobody wrote to the block since <see cref="Fill"/>.</summary>
    public static BufferPoisonViolation? Check(BufferBlock block)
    {
        ulong pattern = Pattern(block.Generation);
        Span<ulong> words = Words(block);
        int index = words.IndexOfAnyExcept(pattern);
        return index < 0 ? null : new BufferPoisonViolation(block.Slab, (nint)block.Pointer, block.Length, index * sizeof(ulong), pattern, words[index]);
    }

    private static ulong Pattern(long generation) => 0xDEAD_BEEF_0000_0000 | (uint)(generation >> 21);

    private static Span<ulong> Words(BufferBlock block) => MemoryMarshal.Cast<byte, ulong>(new Span<byte>(block.Pointer, block.Length));
}
