using System.Net;
using Nvmf.Abstractions.Connections;
using Nvmf.Target;

namespace Nvmf.Hosting.Internal;

/// <summary>What the discovery log says about end points.</summary>
internal static class TargetPorts
{
    public static TargetPortOptions OptionsFor(NvmeTransportType transportType, EndPoint endPoint) =>
        TargetPortOptions.FromEndPoint(transportType, endPoint is RdmaEndPoint rdma ? rdma.IPEndPoint : endPoint);
}
