using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Abort, as a view of a submission queue entry (NVMe Base, Abort Command).</summary>
[StructLayout(LayoutKind.Explicit, Size = SubmissionQueueEntry.Size)]
public struct AbortCommand
{
    /// <summary>Submission queue of the command to abort (SQID).</summary>
    [FieldOffset(40)]
    public ushort SubmissionQueueId;

    /// <summary>Command to abort (CID).</summary>
    [FieldOffset(42)]
    public ushort CommandToAbort;

    /// <summary>The entry, seen as this command.</summary>
    public static ref readonly AbortCommand Of(ref readonly SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, AbortCommand>(ref Unsafe.AsRef(in entry));

    /// <summary>The entry, seen as this command, for writing.</summary>
    public static ref AbortCommand Edit(ref SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, AbortCommand>(ref entry);
}
