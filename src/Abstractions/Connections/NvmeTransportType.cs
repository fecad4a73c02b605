namespace Nvmf.Abstractions.Connections;

/// <summary>Transport types as in discovery log entries (NVMe Base, Discovery Log Page, TRTYPE).</summary>
public enum NvmeTransportType : byte
{
    /// <summary>RDMA.</summary>
    Rdma = 1,

    /// <summary>TCP.</summary>
    Tcp = 3,

    /// <summary>Within one process (tests).</summary>
    IntraHost = 254,
}
