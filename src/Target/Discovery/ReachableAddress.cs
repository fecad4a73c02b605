using System.Net;
using System.Net.Sockets;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Discovery;

/// <summary>A transport address that a host can use.</summary>
/// <param name="Family">ADRFAM.</param>
/// <param name="Text">TRADDR.</param>
internal readonly record struct ReachableAddress(FabricsAddressFamily Family, string Text)
{
    /// <summary>
    /// The port's own address; for a wildcard the local address of the connection by which the host asks, the one address that is known to reach us.
    /// </summary>
    /// <returns>False for a wildcard of a family that the host's connection is not of.</returns>
    public static bool TryFind(TargetPort port, EndPoint? local, out ReachableAddress reachable)
    {
        reachable = new ReachableAddress(ToFabrics(port.AddressFamily), port.Address);
        if (!IPAddress.TryParse(port.Address, out IPAddress? address))
        {
            return true;
        }

        if (!address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
        {
            return true;
        }

        if ((local as IPEndPoint)?.Address is not { } own)
        {
            return false;
        }

        if (own.IsIPv4MappedToIPv6)
        {
            own = own.MapToIPv4();
        }

        // The IPv6 wildcard takes both families.
        if (own.AddressFamily == AddressFamily.InterNetworkV6 && address.AddressFamily == AddressFamily.InterNetwork)
        {
            return false;
        }

        // A zone means nothing on the host's side.
        if (own.AddressFamily == AddressFamily.InterNetworkV6 && own.ScopeId != 0)
        {
            own = new IPAddress(own.GetAddressBytes());
        }

        reachable = new ReachableAddress(ToFabrics(own.AddressFamily), own.ToString());
        return true;
    }

    private static FabricsAddressFamily ToFabrics(AddressFamily family) => family switch
    {
        AddressFamily.InterNetwork => FabricsAddressFamily.IPv4,
        AddressFamily.InterNetworkV6 => FabricsAddressFamily.IPv6,
        _ => FabricsAddressFamily.IntraHost,
    };
}
