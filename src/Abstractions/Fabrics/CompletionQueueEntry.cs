using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Completion queue entry, 16 bytes (NVMe Base, Completion Queue Entry).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct CompletionQueueEntry
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 16;

    /// <summary>Command specific result, dwords 0 and 1.</summary>
    [FieldOffset(0)]
    public ulong Result;

    /// <summary>Dword 0 of the result.</summary>
    [FieldOffset(0)]
    public uint Dword0;

    /// <summary>Dword 1 of the result.</summary>
    [FieldOffset(4)]
    public uint Dword1;

    /// <summary>Submission queue head (SQHD); FFFFh when flow control is disabled.</summary>
    [FieldOffset(8)]
    public ushort SubmissionQueueHead;

    /// <summary>Submission queue identifier (SQID).</summary>
    [FieldOffset(10)]
    public ushort SubmissionQueueId;

    /// <summary>Command identifier (CID).</summary>
    [FieldOffset(12)]
    public ushort CommandId;

    [FieldOffset(14)]
    private ushort _statusAndPhase;

    /// <summary>Status; the phase tag (bit 0 on the wire) is always 0 over fabrics.</summary>
    public NvmeStatus Status
    {
        readonly get => new((ushort)(_statusAndPhase >> 1));
        set => _statusAndPhase = (ushort)(value.Value << 1);
    }
}
