using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Identify Namespace of the NVM command set, CNS 00h (NVM Command Set, Identify Namespace Data Structure).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct IdentifyNamespace
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 4096;

    /// <summary>Namespace size (NSZE) in logical blocks.</summary>
    [FieldOffset(0)]
    public ulong NamespaceSize;

    /// <summary>Namespace capacity (NCAP) in logical blocks.</summary>
    [FieldOffset(8)]
    public ulong NamespaceCapacity;

    /// <summary>Namespace utilization (NUSE) in logical blocks.</summary>
    [FieldOffset(16)]
    public ulong NamespaceUtilization;

    /// <summary>NSFEAT.</summary>
    [FieldOffset(24)]
    public NamespaceFeatures Features;

    /// <summary>Number of LBA formats, zero based (NLBAF).</summary>
    [FieldOffset(25)]
    public byte LbaFormats;

    /// <summary>FLBAS: format index in bits 3:0 (its high bits in 6:5), metadata at the end of the data in bit 4.</summary>
    [FieldOffset(26)]
    public byte FormattedLbaSize;

    /// <summary>Metadata capabilities (MC).</summary>
    [FieldOffset(27)]
    public byte MetadataCapabilities;

    /// <summary>End-to-end data protection capabilities (DPC).</summary>
    [FieldOffset(28)]
    public byte ProtectionCapabilities;

    /// <summary>End-to-end data protection type settings (DPS).</summary>
    [FieldOffset(29)]
    public byte ProtectionSettings;

    /// <summary>NMIC: bit 0 set when more than one controller may attach.</summary>
    [FieldOffset(30)]
    public byte MultipathCapabilities;

    /// <summary>Reservation capabilities (RESCAP).</summary>
    [FieldOffset(31)]
    public ReservationCapabilities ReservationCapabilities;

    /// <summary>Format progress indicator (FPI).</summary>
    [FieldOffset(32)]
    public byte FormatProgress;

    /// <summary>DLFEAT: deallocated blocks read as not reported (0), zeroes (1) or FFh (2) in bits 2:0; Write Zeroes may deallocate in bit 3.</summary>
    [FieldOffset(33)]
    public byte DeallocateFeatures;

    /// <summary>Namespace atomic write unit normal (NAWUN), zero based.</summary>
    [FieldOffset(34)]
    public ushort AtomicWriteUnitNormal;

    /// <summary>Namespace atomic write unit power fail (NAWUPF), zero based.</summary>
    [FieldOffset(36)]
    public ushort AtomicWriteUnitPowerFail;

    /// <summary>Namespace atomic compare and write unit (NACWU), zero based.</summary>
    [FieldOffset(38)]
    public ushort AtomicCompareAndWriteUnit;

    /// <summary>Namespace atomic boundary size normal (NABSN).</summary>
    [FieldOffset(40)]
    public ushort AtomicBoundaryNormal;

    /// <summary>Namespace atomic boundary offset (NABO).</summary>
    [FieldOffset(42)]
    public ushort AtomicBoundaryOffset;

    /// <summary>Namespace atomic boundary size power fail (NABSPF).</summary>
    [FieldOffset(44)]
    public ushort AtomicBoundaryPowerFail;

    /// <summary>Namespace optimal I/O boundary (NOIOB) in logical blocks.</summary>
    [FieldOffset(46)]
    public ushort OptimalIoBoundary;

    /// <summary>NVM capacity (NVMCAP) in bytes.</summary>
    [FieldOffset(48)]
    public Counter128 Capacity;

    /// <summary>Namespace preferred write granularity (NPWG), zero based.</summary>
    [FieldOffset(64)]
    public ushort PreferredWriteGranularity;

    /// <summary>Namespace preferred write alignment (NPWA), zero based.</summary>
    [FieldOffset(66)]
    public ushort PreferredWriteAlignment;

    /// <summary>Namespace preferred deallocate granularity (NPDG), zero based.</summary>
    [FieldOffset(68)]
    public ushort PreferredDeallocateGranularity;

    /// <summary>Namespace preferred deallocate alignment (NPDA), zero based.</summary>
    [FieldOffset(70)]
    public ushort PreferredDeallocateAlignment;

    /// <summary>Namespace optimal write size (NOWS), zero based.</summary>
    [FieldOffset(72)]
    public ushort OptimalWriteSize;

    /// <summary>Maximum single source range length of Copy (MSSRL) in logical blocks.</summary>
    [FieldOffset(74)]
    public ushort MaxSingleSourceRangeLength;

    /// <summary>Maximum copy length (MCL) in logical blocks.</summary>
    [FieldOffset(76)]
    public uint MaxCopyLength;

    /// <summary>Maximum source range count of Copy, zero based (MSRC).</summary>
    [FieldOffset(80)]
    public byte MaxSourceRangeCount;

    /// <summary>ANA group identifier (ANAGRPID).</summary>
    [FieldOffset(92)]
    public uint AnaGroupId;

    /// <summary>NSATTR: bit 0 set when currently write protected.</summary>
    [FieldOffset(99)]
    public byte Attributes;

    /// <summary>NVM set identifier (NVMSETID).</summary>
    [FieldOffset(100)]
    public ushort NvmSetId;

    /// <summary>Endurance group identifier (ENDGID).</summary>
    [FieldOffset(102)]
    public ushort EnduranceGroupId;

    /// <summary>Namespace globally unique identifier (NGUID); zero when there is none.</summary>
    [FieldOffset(104)]
    public Identifier128 Nguid;

    /// <summary>LBA format 0.</summary>
    [FieldOffset(128)]
    public LbaFormat LbaFormat0;


    [FieldOffset(120)]
    private ulong _eui64BigEndian;

    /// <summary>IEEE extended unique identifier (EUI64); 0 when there is none. Big endian on the wire.</summary>
    public ulong Eui64
    {
        readonly get => BinaryPrimitives.ReverseEndianness(_eui64BigEndian);
        set => _eui64BigEndian = BinaryPrimitives.ReverseEndianness(value);
    }
}
