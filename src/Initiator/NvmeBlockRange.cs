namespace Nvmf.Initiator;

/// <summary>Consecutive logical blocks.</summary>
/// <param name="Start">First block.</param>
/// <param name="Count">Number of blocks; a range of Copy has at most 65536.</param>
public readonly record struct NvmeBlockRange(ulong Start, uint Count);
