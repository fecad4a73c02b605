using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Identify Controller, CNS 01h (NVMe Base, Identify Controller Data Structure).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public partial struct IdentifyController
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 4096;

    /// <summary>PCI vendor identifier (VID); 0 over fabrics.</summary>
    [FieldOffset(0)]
    public ushort PciVendorId;

    /// <summary>PCI subsystem vendor identifier (SSVID); 0 over fabrics.</summary>
    [FieldOffset(2)]
    public ushort PciSubsystemVendorId;

    /// <summary>Serial number (SN).</summary>
    [FieldOffset(4)]
    public SpacePaddedText20 SerialNumber;

    /// <summary>Model number (MN).</summary>
    [FieldOffset(24)]
    public SpacePaddedText40 ModelNumber;

    /// <summary>Firmware revision (FR).</summary>
    [FieldOffset(64)]
    public SpacePaddedText8 FirmwareRevision;

    /// <summary>Recommended arbitration burst (RAB), power of two.</summary>
    [FieldOffset(72)]
    public byte RecommendedArbitrationBurst;

    /// <summary>IEEE organizationally unique identifier (IEEE).</summary>
    [FieldOffset(73)]
    public Oui IeeeOui;

    /// <summary>CMIC.</summary>
    [FieldOffset(76)]
    public ControllerMultipathCapabilities MultipathCapabilities;

    /// <summary>MDTS: power of two in units of CAP.MPSMIN; 0 is no limit.</summary>
    [FieldOffset(77)]
    public byte MaxDataTransferSize;

    /// <summary>Controller identifier (CNTLID).</summary>
    [FieldOffset(78)]
    public ushort ControllerId;

    /// <summary>Version (VER), as in VS: major in 31:16, minor in 15:8, tertiary in 7:0.</summary>
    [FieldOffset(80)]
    public uint Version;

    /// <summary>RTD3 resume latency (RTD3R) in µs.</summary>
    [FieldOffset(84)]
    public uint ResumeLatency;

    /// <summary>RTD3 entry latency (RTD3E) in µs: how long a normal shutdown may take.</summary>
    [FieldOffset(88)]
    public uint EntryLatency;

    /// <summary>OAES.</summary>
    [FieldOffset(92)]
    public AsynchronousEvents SupportedAsynchronousEvents;

    /// <summary>CTRATT.</summary>
    [FieldOffset(96)]
    public ControllerAttributes Attributes;

    /// <summary>Supported read recovery levels (RRLS), one bit each.</summary>
    [FieldOffset(100)]
    public ushort ReadRecoveryLevels;

    /// <summary>CNTRLTYPE.</summary>
    [FieldOffset(111)]
    public ControllerType ControllerType;

    /// <summary>FRU globally unique identifier (FGUID).</summary>
    [FieldOffset(112)]
    public Identifier128 FruGuid;

    /// <summary>Command retry delay time 1 (CRDT1) in 100 ms.</summary>
    [FieldOffset(128)]
    public ushort CommandRetryDelay1;

    /// <summary>Command retry delay time 2 (CRDT2) in 100 ms.</summary>
    [FieldOffset(130)]
    public ushort CommandRetryDelay2;

    /// <summary>Command retry delay time 3 (CRDT3) in 100 ms.</summary>
    [FieldOffset(132)]
    public ushort CommandRetryDelay3;

    /// <summary>Controller instance uniquifier (CIU): counts the controllers that had this CNTLID; 0: not reported.</summary>
    [FieldOffset(135)]
    public byte InstanceUniquifier;

    /// <summary>Controller instance random number (CIRN) of this association; 0: not reported.</summary>
    [FieldOffset(136)]
    public ulong InstanceRandomNumber;
}
