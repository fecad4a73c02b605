using System.Net;

namespace Nvmf.Initiator.Discovery;

/// <summary>Where a discovery log says that a subsystem can be reached.</summary>
/// <param name="SubsystemNqn">A valid NVMe qualified name.</param>
/// <param name="EndPoint">An <see cref="IPEndPoint"/> (NVMe/TCP) or an <see cref="Abstractions.Connections.RdmaEndPoint"/>.</param>
public readonly record struct NvmeDiscoveredPath(string SubsystemNqn, EndPoint EndPoint);
