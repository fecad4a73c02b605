using Nvmf.Abstractions.Connections;

namespace Nvmf.Hosting;

/// <summary>A listener at one moment.</summary>
/// <param name="Address">The bound address: a port 0 is resolved.</param>
/// <param name="QueuePairs">Queue pairs it accepted that have not ended.</param>
/// <param name="Removing">Its removal is under way.</param>
public sealed record NvmeListenerInfo(FabricsAddress Address, int QueuePairs, bool Removing);
