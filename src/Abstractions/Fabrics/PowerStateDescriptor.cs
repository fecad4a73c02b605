using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Power state descriptor, 32 bytes (NVMe Base, Power State Descriptor Data Structure).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct PowerStateDescriptor
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 32;

    /// <summary>Maximum power (MP) in 10 mW, or 0.1 mW when bit 0 of <see cref="Flags"/> is set.</summary>
    [FieldOffset(0)]
    public ushort MaxPower;

    /// <summary>Max power scale (MXPS) in bit 0, non-operational state (NOPS) in bit 1.</summary>
    [FieldOffset(3)]
    public byte Flags;

    /// <summary>Entry latency (ENLAT) in µs.</summary>
    [FieldOffset(4)]
    public uint EntryLatency;

    /// <summary>Exit latency (EXLAT) in µs.</summary>
    [FieldOffset(8)]
    public uint ExitLatency;

    /// <summary>Relative read throughput (RRT).</summary>
    [FieldOffset(12)]
    public byte RelativeReadThroughput;

    /// <summary>Relative read latency (RRL).</summary>
    [FieldOffset(13)]
    public byte RelativeReadLatency;

    /// <summary>Relative write throughput (RWT).</summary>
    [FieldOffset(14)]
    public byte RelativeWriteThroughput;

    /// <summary>Relative write latency (RWL).</summary>
    [FieldOffset(15)]
    public byte RelativeWriteLatency;
}
