namespace Nvmf.Abstractions.Fabrics;

/// <summary>TRTYPE of a discovery log entry and of an error log entry.</summary>
public enum FabricsTransportType : byte
{
    /// <summary>No transport is reported.</summary>
    None = 0,

    /// <summary>RDMA.</summary>
    Rdma = 1,

    /// <summary>Fibre Channel.</summary>
    FibreChannel = 2,

    /// <summary>TCP.</summary>
    Tcp = 3,

    /// <summary>Loopback within a host.</summary>
    IntraHost = 254,
}
