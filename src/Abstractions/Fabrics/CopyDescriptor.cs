using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Source range of Copy, descriptor format 0h, 32 bytes (NVM Command Set).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct CopyDescriptor
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 32;

    /// <summary>Starting LBA (SLBA).</summary>
    [FieldOffset(8)]
    public ulong StartingLba;

    /// <summary>Number of logical blocks, zero based (NLB).</summary>
    [FieldOffset(16)]
    public ushort Blocks;

    /// <summary>Expected initial logical block reference tag (EILBRT).</summary>
    [FieldOffset(24)]
    public uint ExpectedReferenceTag;

    /// <summary>Expected logical block application tag (ELBAT).</summary>
    [FieldOffset(28)]
    public ushort ExpectedApplicationTag;

    /// <summary>Expected logical block application tag mask (ELBATM).</summary>
    [FieldOffset(30)]
    public ushort ExpectedApplicationTagMask;
}
