using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Get Log Page, as a view of a submission queue entry (NVMe Base, Get Log Page Command).</summary>
[StructLayout(LayoutKind.Explicit, Size = SubmissionQueueEntry.Size)]
public struct GetLogPageCommand
{
    /// <summary>Log page identifier (LID).</summary>
    [FieldOffset(40)]
    public LogPageIdentifier LogPage;

    /// <summary>Number of dwords, zero based, low half (NUMDL).</summary>
    [FieldOffset(42)]
    public ushort DwordsLow;

    /// <summary>Number of dwords, zero based, high half (NUMDU).</summary>
    [FieldOffset(44)]
    public ushort DwordsHigh;

    /// <summary>Log specific identifier (LSI).</summary>
    [FieldOffset(46)]
    public ushort LogSpecificIdentifier;

    /// <summary>Log page offset (LPO): bytes, dword aligned; an index when <see cref="OffsetIsIndex"/>.</summary>
    [FieldOffset(48)]
    public ulong Offset;

    /// <summary>UUID index, bits 6:0; bit 7 is reserved.</summary>
    [FieldOffset(56)]
    public byte UuidIndex;

    /// <summary>Command set identifier (CSI).</summary>
    [FieldOffset(59)]
    public CommandSetIdentifier CommandSet;

    [FieldOffset(41)]
    private byte _specificAndRetain;

    [FieldOffset(58)]
    private byte _offsetType;

    /// <summary>Log specific parameter (LSP), 7 bits.</summary>
    public byte LogSpecificParameter
    {
        readonly get => (byte)(_specificAndRetain & 0x7F);
        set => _specificAndRetain = (byte)((_specificAndRetain & 0x80) | (value & 0x7F));
    }

    /// <summary>Retain asynchronous event (RAE): reading the page does not clear the event.</summary>
    public bool RetainAsynchronousEvent
    {
        readonly get => (_specificAndRetain & 0x80) != 0;
        set => _specificAndRetain = (byte)((_specificAndRetain & 0x7F) | (value ? 0x80 : 0));
    }

    /// <summary>Offset type (OT): <see cref="Offset"/> is an index into a list.</summary>
    public readonly bool OffsetIsIndex => (_offsetType & 0x80) != 0;

    /// <summary>Length asked for in bytes, 4 to 16 GiB.</summary>
    public ulong LengthInBytes
    {
        readonly get => ((((ulong)DwordsHigh << 16) | DwordsLow) + 1) * sizeof(uint);
        set
        {
            ulong dwords = (value / sizeof(uint)) - 1;
            DwordsLow = (ushort)dwords;
            DwordsHigh = (ushort)(dwords >> 16);
        }
    }

    /// <summary>The entry, seen as this command.</summary>
    public static ref readonly GetLogPageCommand Of(ref readonly SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, GetLogPageCommand>(ref Unsafe.AsRef(in entry));

    /// <summary>The entry, seen as this command, for writing.</summary>
    public static ref GetLogPageCommand Edit(ref SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, GetLogPageCommand>(ref entry);
}
