using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Header of the Asymmetric Namespace Access log page, 16 bytes (log page 0Ch).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct AnaLogHeader
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 16;

    /// <summary>Change count (CHGCNT).</summary>
    [FieldOffset(0)]
    public ulong ChangeCount;

    /// <summary>Number of ANA group descriptors (NAGD).</summary>
    [FieldOffset(8)]
    public ushort GroupDescriptors;
}
