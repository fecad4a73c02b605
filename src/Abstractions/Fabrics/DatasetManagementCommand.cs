using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Dataset Management, as a view of a submission queue entry (NVM Command Set).</summary>
[StructLayout(LayoutKind.Explicit, Size = SubmissionQueueEntry.Size)]
public struct DatasetManagementCommand
{
    /// <summary>Number of <see cref="DatasetManagementRange"/>, zero based (NR).</summary>
    [FieldOffset(40)]
    public byte RangesZeroBased;

    /// <summary>What to do.</summary>
    [FieldOffset(44)]
    public DatasetManagementAttributes Attributes;

    /// <summary>Number of ranges, 1 to 256.</summary>
    public int Ranges
    {
        readonly get => RangesZeroBased + 1;
        set => RangesZeroBased = (byte)(value - 1);
    }

    /// <summary>The entry, seen as this command.</summary>
    public static ref readonly DatasetManagementCommand Of(ref readonly SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, DatasetManagementCommand>(ref Unsafe.AsRef(in entry));

    /// <summary>The entry, seen as this command, for writing.</summary>
    public static ref DatasetManagementCommand Edit(ref SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, DatasetManagementCommand>(ref entry);
}
