using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Submission queue entry, 64 bytes (NVMe Base, Submission Queue Entry).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct SubmissionQueueEntry
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 64;

    /// <summary>Opcode (OPC).</summary>
    [FieldOffset(0)]
    public byte Opcode;

    /// <summary>FUSE in bits 1:0, PSDT in bits 7:6 (40h: SGL, as all fabrics commands must).</summary>
    [FieldOffset(1)]
    public byte Flags;

    /// <summary>Command identifier (CID).</summary>
    [FieldOffset(2)]
    public ushort CommandId;

    /// <summary>Namespace identifier (NSID); for fabrics commands byte 4 is FCTYPE.</summary>
    [FieldOffset(4)]
    public uint NamespaceId;

    /// <summary>Fabrics command type (FCTYPE), when <see cref="Opcode"/> is 7Fh.</summary>
    [FieldOffset(4)]
    public FabricsCommandType FabricsCommandType;

    /// <summary>Command dword 2.</summary>
    [FieldOffset(8)]
    public uint Dword2;

    /// <summary>Command dword 3.</summary>
    [FieldOffset(12)]
    public uint Dword3;

    /// <summary>Metadata pointer (MPTR).</summary>
    [FieldOffset(16)]
    public ulong MetadataPointer;

    /// <summary>Data pointer: SGL descriptor 1.</summary>
    [FieldOffset(24)]
    public SglDescriptor Sgl;

    /// <summary>Command dword 10.</summary>
    [FieldOffset(40)]
    public uint Dword10;

    /// <summary>Command dword 11.</summary>
    [FieldOffset(44)]
    public uint Dword11;

    /// <summary>Command dword 12.</summary>
    [FieldOffset(48)]
    public uint Dword12;

    /// <summary>Command dword 13.</summary>
    [FieldOffset(52)]
    public uint Dword13;

    /// <summary>Command dword 14.</summary>
    [FieldOffset(56)]
    public uint Dword14;

    /// <summary>Command dword 15.</summary>
    [FieldOffset(60)]
    public uint Dword15;

    /// <summary>Starting LBA of I/O commands: dwords 10 and 11.</summary>
    [FieldOffset(40)]
    public ulong StartingLba;
}
