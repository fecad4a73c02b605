namespace RdmaSharp;

/// <summary>What is under a port.</summary>
public enum LinkLayer : byte
{
    /// <summary>Not said (soft RDMA devices of old kernels).</summary>
    Unspecified = 0,

    /// <summary>InfiniBand.</summary>
    InfiniBand = 1,

    /// <summary>Ethernet: RoCE, iWARP.</summary>
    Ethernet = 2,
}
