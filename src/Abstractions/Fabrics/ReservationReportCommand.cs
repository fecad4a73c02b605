using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Reservation Report, as a view of a submission queue entry (NVMe Base).</summary>
[StructLayout(LayoutKind.Explicit, Size = SubmissionQueueEntry.Size)]
public struct ReservationReportCommand
{
    private const byte ExtendedBit = 1;

    /// <summary>Namespace identifier (NSID).</summary>
    [FieldOffset(4)]
    public uint NamespaceId;

    /// <summary>Dwords to transfer, zero based (NUMD).</summary>
    [FieldOffset(40)]
    public uint DwordsZeroBased;

    [FieldOffset(44)]
    private byte _flags;

    /// <summary>Bytes to transfer, 4 to 2^34.</summary>
    public ulong LengthInBytes
    {
        readonly get => (DwordsZeroBased + 1ul) * sizeof(uint);
        set => DwordsZeroBased = (uint)((value / sizeof(uint)) - 1);
    }

    /// <summary>EDS: entries with host identifiers of 128 bits, which fabrics have.</summary>
    public bool Extended
    {
        readonly get => (_flags & ExtendedBit) != 0;
        set => _flags = (byte)(value ? _flags | ExtendedBit : _flags & ~ExtendedBit);
    }

    /// <summary>The entry, seen as this command.</summary>
    public static ref readonly ReservationReportCommand Of(ref readonly SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, ReservationReportCommand>(ref Unsafe.AsRef(in entry));

    /// <summary>The entry, seen as this command, for writing.</summary>
    public static ref ReservationReportCommand Edit(ref SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, ReservationReportCommand>(ref entry);
}
