using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Range of Dataset Management, 16 bytes (NVM Command Set).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct DatasetManagementRange
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 16;

    /// <summary>Context attributes.</summary>
    [FieldOffset(0)]
    public uint ContextAttributes;

    /// <summary>Length in logical blocks, not zero based.</summary>
    [FieldOffset(4)]
    public uint Blocks;

    /// <summary>Starting LBA.</summary>
    [FieldOffset(8)]
    public ulong StartingLba;
}
