using System.Net;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target;

/// <summary>Another discovery controller that the discovery log refers hosts to (NVMe Base, Discovery Log Page, SUBTYPE 01h).</summary>
/// <param name="TransportType">TCP or RDMA.</param>
/// <param name="Address">Its address, not a wildcard.</param>
/// <param name="Port">Its port, 1..65535; 8009 is the one IANA assigned to discovery.</param>
/// <param name="SubsystemNqn">Its subsystem.</param>
public sealed record TargetReferral(NvmeTransportType TransportType, IPAddress Address, int Port, string SubsystemNqn = Nqn.Discovery)
{
    internal void Check()
    {
        if (TransportType is not (NvmeTransportType.Tcp or NvmeTransportType.Rdma))
        {
            throw new ArgumentException($"Hosts cannot be referred to a transport of type {TransportType}.");
        }

        ArgumentNullException.ThrowIfNull(Address);
        if (Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any))
        {
            throw new ArgumentException($"{Address} is no address that hosts can be referred to.");
        }

        if (Port is < 1 or > ushort.MaxValue)
        {
            throw new ArgumentException($"The port of a referral must be 1 to 65535, not {Port}.");
        }

        Nqn.ThrowIfInvalid(SubsystemNqn, nameof(SubsystemNqn));
    }
}
