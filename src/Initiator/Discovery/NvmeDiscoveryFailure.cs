using System.Net;

namespace Nvmf.Initiator.Discovery;

/// <summary>A discovery controller whose log is missing in an <see cref="NvmeFabric"/>.</summary>
/// <param name="EndPoint">Its address.</param>
/// <param name="Error">Why.</param>
public sealed record NvmeDiscoveryFailure(EndPoint EndPoint, Exception Error);
