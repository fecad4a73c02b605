namespace Nvmf.Abstractions.Buffers;

/// <summary>Gauges of a <see cref="BufferPool"/> at one moment.</summary>
/// <param name="AllocatedBytes">Bytes of all slabs.</param>
/// <param name="RentedBytes">Bytes of blocks with at least one reference (whole blocks, not requested lengths).</param>
/// <param name="RentedBlocks">Blocks with at least one reference.</param>
/// <param name="QuarantinedBytes">Bytes of blocks that will never be reused.</param>
/// <param name="QuarantinedBlocks">Blocks that will never be reused.</param>
/// <param name="Waiters">Requests waiting for their turn.</param>
/// <param name="PoisonViolations">Blocks found written to after their release (poisoning only).</param>
public readonly record struct BufferPoolStatistics(
    long AllocatedBytes,
    long RentedBytes,
    long RentedBlocks,
    long QuarantinedBytes,
    long QuarantinedBlocks,
    int Waiters,
    long PoisonViolations);
