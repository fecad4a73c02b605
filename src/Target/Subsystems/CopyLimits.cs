namespace Nvmf.Target;

/// <summary>What one Copy command may ask of a namespace, so that it does not take for ever.</summary>
/// <param name="BlocksPerRange">MSSRL: blocks of one source range.</param>
/// <param name="Blocks">MCL: blocks of all source ranges together.</param>
internal readonly record struct CopyLimits(ushort BlocksPerRange, uint Blocks)
{
    /// <summary>MSRC + 1: source ranges; their descriptors fill 4 KiB.</summary>
    public const int Ranges = 128;

    private const int MaxRangeBytes = 16 << 20;
    private const int MaxBytes = 64 << 20;

    public static CopyLimits For(int blockSize) =>
        new((ushort)Math.Min(ushort.MaxValue, MaxRangeBytes / blockSize), (uint)(MaxBytes / blockSize));
}
