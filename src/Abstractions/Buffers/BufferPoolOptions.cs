namespace Nvmf.Abstractions.Buffers;

/// <summary>Limits and diagnostics of a <see cref="BufferPool"/>.</summary>
public sealed class BufferPoolOptions
{
    /// <summary>Upper bound of all slabs together, in bytes. Default 256 MiB.</summary>
    public long LimitInBytes { get; set; } = 256L << 20;

    /// <summary>Part of <see cref="LimitInBytes"/> that only <see cref="BufferPriority.Administration"/> may use, in bytes. Default 4 MiB.</summary>
    public long ReserveInBytes { get; set; } = 4L << 20;

    /// <summary>
    /// Fill every released block with a pattern and its generation, and check on rent that nobody wrote to it meanwhile.
    /// Costs a memory write per release; tests always switch it on.
    /// </summary>
    public bool Poison { get; set; }
}
