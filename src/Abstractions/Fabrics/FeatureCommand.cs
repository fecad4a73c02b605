using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Set Features and Get Features, as a view of a submission queue entry (NVMe Base).</summary>
[StructLayout(LayoutKind.Explicit, Size = SubmissionQueueEntry.Size)]
public struct FeatureCommand
{
    /// <summary>Feature identifier (FID).</summary>
    [FieldOffset(40)]
    public FeatureIdentifier Feature;

    /// <summary>Dword 11: the value to set, or what to get.</summary>
    [FieldOffset(44)]
    public uint Value;

    /// <summary>UUID index, bits 6:0.</summary>
    [FieldOffset(56)]
    public byte UuidIndex;

    [FieldOffset(41)]
    private byte _select;

    [FieldOffset(43)]
    private byte _save;

    /// <summary>Select (SEL) of Get Features, 3 bits.</summary>
    public FeatureSelect Select
    {
        readonly get => (FeatureSelect)(_select & 7);
        set => _select = (byte)((_select & ~7) | ((byte)value & 7));
    }

    /// <summary>Save (SV) of Set Features.</summary>
    public bool Save
    {
        readonly get => (_save & 0x80) != 0;
        set => _save = (byte)((_save & 0x7F) | (value ? 0x80 : 0));
    }

    /// <summary>The entry, seen as this command.</summary>
    public static ref readonly FeatureCommand Of(ref readonly SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, FeatureCommand>(ref Unsafe.AsRef(in entry));

    /// <summary>The entry, seen as this command, for writing.</summary>
    public static ref FeatureCommand Edit(ref SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, FeatureCommand>(ref entry);
}
