using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator;

/// <summary>A consistent discovery log.</summary>
/// <param name="Generation">GENCTR, the same before and after the entries were read.</param>
/// <param name="Entries">The entries.</param>
public sealed record NvmeDiscoveryLog(ulong Generation, IReadOnlyList<DiscoveryLogEntry> Entries);
