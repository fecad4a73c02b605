using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator.Discovery;

/// <summary>Entries of a discovery log as far as this library can use them. Their bytes are somebody else's: nothing is resolved, and nothing but what is checked here goes on.</summary>
internal static class DiscoveryEntryReader
{
    private const TransportRequirements SecureChannel = TransportRequirements.SecureChannelRequired | TransportRequirements.SecureChannelNotRequired;

    /// <returns>False: another transport, TLS, or a name or address that makes no sense.</returns>
    public static bool TryRead(in DiscoveryLogEntry entry, out NvmeDiscoveredPath path)
    {
        path = default;
        if ((entry.Requirements & SecureChannel) == TransportRequirements.SecureChannelRequired)
        {
            return false;
        }

        if (!Nqn.TryRead(entry.SubsystemNqn.ReadOnlyBytes, out var nqn) || !Nqn.IsValid(nqn) || !TryReadEndPoint(entry, out var endPoint))
        {
            return false;
        }

        path = new NvmeDiscoveredPath(nqn, endPoint);
        return true;
    }

    private static bool TryReadEndPoint(in DiscoveryLogEntry entry, [NotNullWhen(true)] out EndPoint? endPoint)
    {
        endPoint = null;
        var family = entry.AddressFamily switch
        {
            FabricsAddressFamily.IPv4 => AddressFamily.InterNetwork,
            FabricsAddressFamily.IPv6 => AddressFamily.InterNetworkV6,
            _ => AddressFamily.Unspecified,
        };
        if (!IPAddress.TryParse(entry.TransportAddress.ToString(), out var address) || address.AddressFamily != family)
        {
            return false;
        }

        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            return false;
        }

        if (!ushort.TryParse(entry.TransportServiceId.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
        {
            return false;
        }

        endPoint = entry.TransportType switch
        {
            FabricsTransportType.Tcp => new IPEndPoint(address, port),
            FabricsTransportType.Rdma => new RdmaEndPoint(address, port),
            _ => null,
        };
        return endPoint is not null;
    }
}
