using System.Numerics;

namespace Nvmf.Abstractions.Buffers;

/// <summary>The block sizes that slabs are cut into. A class is an index into them.</summary>
internal static class BufferSizeClass
{
    public const int Count = 6;

    public const int Smallest = 4096;

    public const int Largest = 1 << 20;

    // Binary logarithms of the sizes.
    private static ReadOnlySpan<byte> Shifts => [12, 14, 16, 17, 18, 20];

    // Indexed by the number of significant bits of (length - 1) / 4096.
    private static ReadOnlySpan<byte> ByBits => [0, 1, 1, 2, 2, 3, 4, 5, 5];

    /// <summary>The smallest class that holds <paramref name="length"/> bytes (1..<see cref="Largest"/>).</summary>
    public static int Of(int length) => ByBits[32 - BitOperations.LeadingZeroCount((uint)(length - 1) >> 12)];

    /// <summary>Block size of a class in bytes.</summary>
    public static int Size(int sizeClass) => 1 << Shifts[sizeClass];

    /// <summary>The largest class that fits into <paramref name="length"/> bytes; -1 when none does.</summary>
    public static int LargestWithin(long length)
    {
        int sizeClass = Count - 1;
        while (sizeClass >= 0 && Size(sizeClass) > length)
        {
            sizeClass--;
        }

        return sizeClass;
    }
}
