using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Nvmf.Abstractions.Connections;

/// <summary>
/// The written form of a transport address: <c>tcp://ADDRESS[:PORT]</c> or <c>rdma://ADDRESS[:PORT]</c>. ADDRESS is IPv4 in dotted decimal,
/// IPv6 in brackets, or a host name. The default port is <see cref="DefaultPort"/>; port 0 lets the system choose one.
/// </summary>
/// <remarks>Immutable. Two addresses are equal when transport, host (ignoring case) and port are.</remarks>
public sealed class FabricsAddress : IEquatable<FabricsAddress>
{
    /// <summary>The port IANA assigned to NVMe over Fabrics.</summary>
    public const int DefaultPort = 4420;

    internal FabricsAddress(NvmeTransportType transportType, string host, int port, IPAddress? ipAddress)
    {
        TransportType = transportType;
        Host = host;
        Port = port;
        IPAddress = ipAddress;
    }

    /// <summary>Which transport.</summary>
    public NvmeTransportType TransportType { get; }

    /// <summary>The IP address without brackets, or the host name in lower case.</summary>
    public string Host { get; }

    /// <summary>0..65535.</summary>
    public int Port { get; }

    /// <summary>The IP address; null for a host name.</summary>
    public IPAddress? IPAddress { get; }

    /// <summary>Parses an address.</summary>
    /// <exception cref="FormatException">The text is not an address; the message says in one sentence what is wrong with it.</exception>
    public static FabricsAddress Parse(string text) =>
        TryParse(text, out FabricsAddress? address, out string? error) ? address : throw new FormatException(error);

    /// <summary>Parses an address.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The address, when true is returned.</param>
    /// <param name="error">Otherwise one sentence that says what is wrong.</param>
    public static bool TryParse(
        string? text,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out FabricsAddress? address,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? error)
    {
        error = FabricsAddressParser.Parse(text, out address);
        return error is null;
    }

    /// <summary>The address of an end point: <see cref="IPEndPoint"/> is TCP, <see cref="RdmaEndPoint"/> RDMA.</summary>
    /// <exception cref="ArgumentException">Another kind of end point.</exception>
    public static FabricsAddress FromEndPoint(EndPoint endPoint) => endPoint switch
    {
        RdmaEndPoint rdma => FromIPEndPoint(NvmeTransportType.Rdma, rdma.IPEndPoint),
        IPEndPoint tcp => FromIPEndPoint(NvmeTransportType.Tcp, tcp),
        _ => throw new ArgumentException($"'{endPoint}' is neither an IP nor an RDMA end point.", nameof(endPoint)),
    };

    /// <summary>
    /// The end point to bind or connect to: an <see cref="IPEndPoint"/> or an <see cref="RdmaEndPoint"/>. A host name is resolved, to its first address;
    /// <c>localhost</c> is 127.0.0.1.
    /// </summary>
    /// <exception cref="SocketException">The host name cannot be resolved.</exception>
    public async ValueTask<EndPoint> ResolveAsync(CancellationToken cancellationToken = default)
    {
        IPAddress address = IPAddress ?? (Host == "localhost"
            ? IPAddress.Loopback
            : (await Dns.GetHostAddressesAsync(Host, cancellationToken).ConfigureAwait(false)) is [var first, ..]
                ? first
                : throw new SocketException((int)SocketError.HostNotFound));
        return TransportType == NvmeTransportType.Rdma ? new RdmaEndPoint(address, Port) : new IPEndPoint(address, Port);
    }

    /// <inheritdoc/>
    public bool Equals(FabricsAddress? other) =>
        other is not null && TransportType == other.TransportType && Host == other.Host && Port == other.Port;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FabricsAddress);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(TransportType, Host, Port);

    /// <summary>For example <c>tcp://[::1]:4420</c>; <see cref="Parse"/> reads it back.</summary>
    public override string ToString()
    {
        string scheme = TransportType == NvmeTransportType.Rdma ? "rdma" : "tcp";
        string host = IPAddress is { AddressFamily: AddressFamily.InterNetworkV6 } ? $"[{Host}]" : Host;
        return string.Create(CultureInfo.InvariantCulture, $"{scheme}://{host}:{Port}");
    }

    private static FabricsAddress FromIPEndPoint(NvmeTransportType transportType, IPEndPoint endPoint) =>
        new(transportType, endPoint.Address.ToString(), endPoint.Port, endPoint.Address);
}
