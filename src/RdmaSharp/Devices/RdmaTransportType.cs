namespace RdmaSharp;

/// <summary>What an RDMA device speaks (<c>enum ibv_transport_type</c>).</summary>
public enum RdmaTransportType
{
    /// <summary>Not known to this library.</summary>
    Unknown = -1,

    /// <summary>InfiniBand, or RoCE over Ethernet.</summary>
    InfiniBand = 0,

    /// <summary>iWARP: RDMA over TCP.</summary>
    Iwarp = 1,

    /// <summary>usNIC.</summary>
    UserspaceNic = 2,

    /// <summary>usNIC over UDP.</summary>
    UserspaceNicUdp = 3,

    /// <summary>Of no standard kind.</summary>
    Unspecified = 4,
}
