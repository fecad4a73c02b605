using System.Net;
using System.Net.Sockets;
using Nvmf.Abstractions.Connections;

namespace Nvmf.Target;

/// <summary>A port to be added by <see cref="NvmeTarget.AddPort"/>: an end point that hosts can reach, as the discovery log tells them.</summary>
public sealed class TargetPortOptions
{
    /// <summary>Transport (TRTYPE).</summary>
    public NvmeTransportType TransportType { get; set; } = NvmeTransportType.Tcp;

    /// <summary>Address family of <see cref="Address"/>: InterNetwork or InterNetworkV6; Unspecified for intra-host ports.</summary>
    public AddressFamily AddressFamily { get; set; } = AddressFamily.InterNetwork;

    /// <summary>
    /// Transport address (TRADDR). For a wildcard (0.0.0.0, ::) hosts are told the local address of the connection by which they ask.
    /// </summary>
    public required string Address { get; set; }

    /// <summary>Transport service (TRSVCID): the port number.</summary>
    public required string ServiceId { get; set; }

    /// <summary>What <see cref="TransportSecurity"/> a TCP port requires.</summary>
    public TransportSecurity Security { get; set; }

    /// <summary>The options of a port that listens on <paramref name="endPoint"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="endPoint"/> is neither an <see cref="IPEndPoint"/> nor a <see cref="DnsEndPoint"/>.</exception>
    public static TargetPortOptions FromEndPoint(NvmeTransportType transportType, EndPoint endPoint) => endPoint switch
    {
        IPEndPoint ip => new TargetPortOptions
        {
            TransportType = transportType,
            AddressFamily = ip.AddressFamily,
            Address = ip.Address.ToString(),
            ServiceId = ip.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
        DnsEndPoint dns => new TargetPortOptions
        {
            TransportType = transportType,
            AddressFamily = dns.AddressFamily == AddressFamily.Unspecified ? AddressFamily.InterNetwork : dns.AddressFamily,
            Address = dns.Host,
            ServiceId = dns.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
        _ => throw new ArgumentException($"An end point of type {endPoint.GetType().Name} has no NVMe transport address.", nameof(endPoint)),
    };
}
