using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>LBA format, 4 bytes (NVM Command Set, LBA Format Data Structure).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct LbaFormat
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 4;

    /// <summary>Metadata size (MS) in bytes.</summary>
    [FieldOffset(0)]
    public ushort MetadataSize;

    /// <summary>LBA data size (LBADS) as a power of two; 9 is 512 bytes.</summary>
    [FieldOffset(2)]
    public byte DataSize;

    /// <summary>Relative performance (RP): 0 is best.</summary>
    [FieldOffset(3)]
    public byte RelativePerformance;
}
