namespace Nvmf.Abstractions.Buffers;

/// <summary>Somebody wrote to a block that nobody had rented (<see cref="BufferPoolOptions.Poison"/>).</summary>
/// <param name="Slab">Slab of the block.</param>
/// <param name="Address">First byte of the block.</param>
/// <param name="Length">Length of the block in bytes.</param>
/// <param name="Offset">Offset in bytes of the first 64-bit word that differs.</param>
/// <param name="Expected">The pattern: 0xDEADBEEF and the generation.</param>
/// <param name="Found">What was there instead.</param>
public sealed record BufferPoisonViolation(BufferSlab Slab, nint Address, int Length, int Offset, ulong Expected, ulong Found)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"A free block of {Length} bytes at 0x{Address:x} (slab {Slab.Index}) was written to: offset {Offset} holds 0x{Found:x16} instead of 0x{Expected:x16}.";
}
