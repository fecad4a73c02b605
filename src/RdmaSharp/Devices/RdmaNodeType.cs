namespace RdmaSharp;

/// <summary>Kind of an RDMA device (<c>enum ibv_node_type</c>).</summary>
public enum RdmaNodeType
{
    /// <summary>Not known to this library.</summary>
    Unknown = -1,

    /// <summary>InfiniBand or RoCE adapter.</summary>
    ChannelAdapter = 1,

    /// <summary>InfiniBand switch.</summary>
    Switch = 2,

    /// <summary>InfiniBand router.</summary>
    Router = 3,

    /// <summary>iWARP adapter.</summary>
    RdmaNic = 4,

    /// <summary>usNIC.</summary>
    UserspaceNic = 5,

    /// <summary>usNIC over UDP.</summary>
    UserspaceNicUdp = 6,

    /// <summary>Of no standard kind.</summary>
    Unspecified = 7,
}
