using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Entry of the Discovery log page, 1024 bytes (log page 70h).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct DiscoveryLogEntry
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 1024;

    /// <summary>TRTYPE.</summary>
    [FieldOffset(0)]
    public FabricsTransportType TransportType;

    /// <summary>ADRFAM.</summary>
    [FieldOffset(1)]
    public FabricsAddressFamily AddressFamily;

    /// <summary>SUBTYPE.</summary>
    [FieldOffset(2)]
    public DiscoverySubtype Subtype;

    /// <summary>TREQ.</summary>
    [FieldOffset(3)]
    public TransportRequirements Requirements;

    /// <summary>Port identifier (PORTID).</summary>
    [FieldOffset(4)]
    public ushort PortId;

    /// <summary>CNTLID: FFFFh in the dynamic controller model.</summary>
    [FieldOffset(6)]
    public ushort ControllerId;

    /// <summary>Admin max SQ size (ASQSZ), at least 32.</summary>
    [FieldOffset(8)]
    public ushort AdminMaxSubmissionQueueSize;

    /// <summary>EFLAGS.</summary>
    [FieldOffset(10)]
    public DiscoveryEntryFlags Flags;

    /// <summary>Transport service identifier (TRSVCID): the port for TCP and RDMA over IP.</summary>
    [FieldOffset(32)]
    public SpacePaddedText32 TransportServiceId;

    /// <summary>NVM subsystem qualified name (SUBNQN).</summary>
    [FieldOffset(256)]
    public NulPaddedText256 SubsystemNqn;

    /// <summary>Transport address (TRADDR).</summary>
    [FieldOffset(512)]
    public SpacePaddedText256 TransportAddress;

    /// <summary>TSAS of TCP: SECTYPE, 0 none, 1 TLS 1.2, 2 TLS 1.3.</summary>
    [FieldOffset(768)]
    public byte TcpSecurityType;

    /// <summary>TSAS of RDMA: RDMA_QPTYPE, 1 connected, 2 datagram.</summary>
    [FieldOffset(768)]
    public byte RdmaQueuePairType;

    /// <summary>TSAS of RDMA: RDMA_PRTYPE, 1 none, 2 InfiniBand, 3 RoCE, 4 RoCE v2, 5 iWARP.</summary>
    [FieldOffset(769)]
    public byte RdmaProviderType;

    /// <summary>TSAS of RDMA: RDMA_CMS, 1 RDMA CM.</summary>
    [FieldOffset(770)]
    public byte RdmaConnectionManagement;

    /// <summary>TSAS of RDMA: RDMA_PKEY.</summary>
    [FieldOffset(776)]
    public ushort RdmaPartitionKey;
}
