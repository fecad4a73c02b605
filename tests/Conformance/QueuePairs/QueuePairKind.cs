namespace Nvmf.Conformance.Tests.QueuePairs;

/// <summary>What the rules of queue pair listeners are tried on.</summary>
public enum QueuePairKind
{
    /// <summary>NVMe/TCP over Transport.Tcp.</summary>
    Tcp,

    /// <summary>NVMe/TCP over Kestrel's Sockets, through its pipes.</summary>
    Sockets,

    /// <summary>NVMe/RDMA over the virtual adapter.</summary>
    VirtualRdma,

    /// <summary>The same with shared receive queues.</summary>
    VirtualRdmaShared,

    /// <summary>NVMe/RDMA over a device of this machine that has the address in the environment variable NVMF_RDMA_ADDRESS.</summary>
    Rdma,

    /// <summary>The same with shared receive queues.</summary>
    RdmaShared,
}
