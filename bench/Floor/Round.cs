namespace Nvmf.Bench.Floor;

/// <summary>One round of a case.</summary>
/// <param name="Floor">The bytes alone.</param>
/// <param name="CopyingFloor">With the copies that a memory disk has to do; for a memory disk only.</param>
/// <param name="Target">Our target.</param>
internal sealed record Round(Measurement Floor, Measurement? CopyingFloor, Measurement Target);
