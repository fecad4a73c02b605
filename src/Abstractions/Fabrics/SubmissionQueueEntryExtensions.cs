namespace Nvmf.Abstractions.Fabrics;

/// <summary>Facts that the bits of a submission queue entry give.</summary>
public static class SubmissionQueueEntryExtensions
{
    /// <summary>FLAGS with PSDT = 01b: the data pointer is an SGL, as every command over fabrics must say.</summary>
    public const byte SglFlags = 0x40;

    private const byte PsdtMask = 0xC0;
    private const byte FuseMask = 0x03;

    /// <summary>Opcode 7Fh.</summary>
    public static bool IsFabrics(this in SubmissionQueueEntry entry) => entry.Opcode == (byte)AdminOpcode.Fabrics;

    /// <summary>PSDT is 01b.</summary>
    public static bool UsesSgl(this in SubmissionQueueEntry entry) => (entry.Flags & PsdtMask) == SglFlags;

    /// <summary>FUSE is not 00b.</summary>
    public static bool IsFused(this in SubmissionQueueEntry entry) => (entry.Flags & FuseMask) != 0;

    /// <summary>Which way data moves, as the low bits of the opcode (of FCTYPE for fabrics commands) say.</summary>
    public static DataDirection GetDataDirection(this in SubmissionQueueEntry entry) =>
        (DataDirection)((entry.IsFabrics() ? (byte)entry.FabricsCommandType : entry.Opcode) & 3);
}
