using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Identify, as a view of a submission queue entry (NVMe Base, Identify Command).</summary>
[StructLayout(LayoutKind.Explicit, Size = SubmissionQueueEntry.Size)]
public struct IdentifyCommand
{
    /// <summary>CNS.</summary>
    [FieldOffset(40)]
    public IdentifyCns Cns;

    /// <summary>Controller identifier (CNTID).</summary>
    [FieldOffset(42)]
    public ushort ControllerId;

    /// <summary>CNS specific identifier.</summary>
    [FieldOffset(44)]
    public ushort CnsSpecificIdentifier;

    /// <summary>Command set identifier (CSI).</summary>
    [FieldOffset(47)]
    public CommandSetIdentifier CommandSet;

    /// <summary>UUID index, bits 6:0.</summary>
    [FieldOffset(56)]
    public byte UuidIndex;

    /// <summary>The entry, seen as this command.</summary>
    public static ref readonly IdentifyCommand Of(ref readonly SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, IdentifyCommand>(ref Unsafe.AsRef(in entry));

    /// <summary>The entry, seen as this command, for writing.</summary>
    public static ref IdentifyCommand Edit(ref SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, IdentifyCommand>(ref entry);
}
