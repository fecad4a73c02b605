using Nvmf.Abstractions.Connections;
using Nvmf.Transport.Tcp.Relay;

namespace Nvmf.Hosting.Relay;

/// <summary>A relaying listener at one moment.</summary>
/// <param name="Address">The bound address: a port 0 is resolved.</param>
/// <param name="Upstreams">Where connections go, and how those places are.</param>
/// <param name="Connections">Connections accepted here that have not ended.</param>
/// <param name="Accepting">False once the removal began, or when accepting failed for good.</param>
/// <param name="Removing">The removal is under way.</param>
public sealed record NvmeRelayInfo(FabricsAddress Address, IReadOnlyList<RelayUpstream> Upstreams, int Connections, bool Accepting, bool Removing);
