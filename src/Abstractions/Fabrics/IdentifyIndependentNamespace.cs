using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Command set independent Identify Namespace, CNS 08h (NVMe Base).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct IdentifyIndependentNamespace
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 4096;

    /// <summary>NSFEAT.</summary>
    [FieldOffset(0)]
    public IndependentNamespaceFeatures Features;

    /// <summary>NMIC: bit 0 set when more than one controller may attach.</summary>
    [FieldOffset(1)]
    public byte MultipathCapabilities;

    /// <summary>Reservation capabilities (RESCAP).</summary>
    [FieldOffset(2)]
    public ReservationCapabilities ReservationCapabilities;

    /// <summary>Format progress indicator (FPI).</summary>
    [FieldOffset(3)]
    public byte FormatProgress;

    /// <summary>ANA group identifier (ANAGRPID).</summary>
    [FieldOffset(4)]
    public uint AnaGroupId;

    /// <summary>NSATTR: bit 0 set when currently write protected.</summary>
    [FieldOffset(8)]
    public byte Attributes;

    /// <summary>NVM set identifier (NVMSETID).</summary>
    [FieldOffset(10)]
    public ushort NvmSetId;

    /// <summary>Endurance group identifier (ENDGID).</summary>
    [FieldOffset(12)]
    public ushort EnduranceGroupId;

    /// <summary>NSTAT: bit 0 set when the namespace is ready.</summary>
    [FieldOffset(14)]
    public byte Status;
}
