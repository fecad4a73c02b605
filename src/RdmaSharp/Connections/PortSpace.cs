namespace RdmaSharp;

/// <summary>What an identifier's port numbers belong to (<c>enum rdma_port_space</c>).</summary>
public enum PortSpace
{
    /// <summary>IP over InfiniBand.</summary>
    IpOverInfiniBand = 2,

    /// <summary>Reliable connections.</summary>
    Tcp = 262,

    /// <summary>Datagrams.</summary>
    Udp = 273,

    /// <summary>Any InfiniBand service.</summary>
    InfiniBand = 319,
}
