using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Property Get and Property Set, as a view of a submission queue entry (NVMe Base, Fabrics Command Set).</summary>
[StructLayout(LayoutKind.Explicit, Size = SubmissionQueueEntry.Size)]
public struct PropertyCommand
{
    /// <summary>Attributes (ATTRIB): size in bits 2:0, 0 is 4 bytes and 1 is 8 bytes.</summary>
    [FieldOffset(40)]
    public byte Attributes;

    /// <summary>Offset of the property (OFST).</summary>
    [FieldOffset(44)]
    public PropertyOffset Offset;

    /// <summary>Value to set (VALUE); the low four bytes of a 4 byte property.</summary>
    [FieldOffset(48)]
    public ulong Value;

    /// <summary>Size of the property in bytes: 4, 8, or 0 for reserved values of ATTRIB.</summary>
    public readonly int PropertySize => (Attributes & 7) switch { 0 => 4, 1 => 8, _ => 0 };

    /// <summary>The entry, seen as this command.</summary>
    public static ref readonly PropertyCommand Of(ref readonly SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, PropertyCommand>(ref Unsafe.AsRef(in entry));

    /// <summary>The entry, seen as this command, for writing.</summary>
    public static ref PropertyCommand Edit(ref SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, PropertyCommand>(ref entry);
}
