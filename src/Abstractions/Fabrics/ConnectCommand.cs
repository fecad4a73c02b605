using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Connect, as a view of a submission queue entry (NVMe Base, Connect Command).</summary>
[StructLayout(LayoutKind.Explicit, Size = SubmissionQueueEntry.Size)]
public struct ConnectCommand
{
    /// <summary>Record format (RECFMT): 0.</summary>
    [FieldOffset(40)]
    public ushort RecordFormat;

    /// <summary>Queue identifier (QID): 0 is the admin queue.</summary>
    [FieldOffset(42)]
    public ushort QueueId;

    /// <summary>Submission queue size (SQSIZE), zero based; 0 is invalid.</summary>
    [FieldOffset(44)]
    public ushort SubmissionQueueSize;

    /// <summary>Connect attributes (CATTR).</summary>
    [FieldOffset(46)]
    public ConnectAttributes Attributes;

    /// <summary>Keep-alive timeout (KATO) in milliseconds; 0 is none.</summary>
    [FieldOffset(48)]
    public uint KeepAliveTimeout;

    /// <summary>The entry, seen as this command.</summary>
    public static ref readonly ConnectCommand Of(ref readonly SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, ConnectCommand>(ref Unsafe.AsRef(in entry));

    /// <summary>The entry, seen as this command, for writing.</summary>
    public static ref ConnectCommand Edit(ref SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, ConnectCommand>(ref entry);
}
