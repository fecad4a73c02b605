using Nvmf.Hostile.Tests.Client;

namespace Nvmf.Hostile.Tests.Injuries;

/// <summary>Numbers at which code goes wrong.</summary>
internal static class Numbers
{
    private static readonly uint[] Telling =
        [0, 1, 3, 7, 8, 23, 24, 28, 71, 72, 75, 76, 127, 128, 129, 4095, 4096, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_0000, 0xFFFF_FFFC, 0xFFFF_FFFF];

    private static readonly ulong[] Large =
        [World.BlockCount, World.BlockCount + 1ul, uint.MaxValue, 1ul << 32, long.MaxValue, 1ul << 63, ulong.MaxValue - 0xFFFF, ulong.MaxValue - 1, ulong.MaxValue];

    public static uint Other(Random random, uint than)
    {
        while (true)
        {
            uint number = random.Next(4) == 0 ? (uint)random.NextInt64(1L << 32) : Telling[random.Next(Telling.Length)];
            if (number != than)
            {
                return number;
            }
        }
    }

    /// <summary>An LBA behind the end of every namespace.</summary>
    public static ulong LbaOutOfRange(Random random) => random.Next(4) == 0 ? World.BlockCount + (ulong)random.NextInt64() : Large[random.Next(Large.Length)];
}
