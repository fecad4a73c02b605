using System.Net;
using System.Net.Sockets;

namespace Nvmf.Abstractions.Connections;

/// <summary>
/// An RDMA address: an IP address and a port of the RDMA port space. A type of its own, so that a factory for TCP end points never takes it
/// for a plain <see cref="IPEndPoint"/>.
/// </summary>
public sealed class RdmaEndPoint : EndPoint, IEquatable<RdmaEndPoint>
{
    /// <summary>Creates the end point.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="port"/> is not in 0..65535.</exception>
    public RdmaEndPoint(IPAddress address, int port) => IPEndPoint = new IPEndPoint(address, port);

    /// <summary>Address and port as an IP end point.</summary>
    public IPEndPoint IPEndPoint { get; }

    /// <inheritdoc/>
    public override AddressFamily AddressFamily => IPEndPoint.AddressFamily;

    /// <inheritdoc/>
    public bool Equals(RdmaEndPoint? other) => other is not null && IPEndPoint.Equals(other.IPEndPoint);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RdmaEndPoint);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(NvmeTransportType.Rdma, IPEndPoint);

    /// <summary>For example <c>rdma://192.0.2.1:4420</c>.</summary>
    public override string ToString() => $"rdma://{IPEndPoint}";
}
