using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Reservation Release, as a view of a submission queue entry (NVMe Base). Its data is <see cref="ReservationReleaseData"/>.</summary>
[StructLayout(LayoutKind.Explicit, Size = SubmissionQueueEntry.Size)]
public struct ReservationReleaseCommand
{
    private const byte ActionMask = 7;
    private const byte IgnoreExistingKeyBit = 1 << 3;

    /// <summary>Namespace identifier (NSID).</summary>
    [FieldOffset(4)]
    public uint NamespaceId;

    /// <summary>RTYPE, bits 15:8 of dword 10.</summary>
    [FieldOffset(41)]
    public ReservationType Type;

    [FieldOffset(40)]
    private byte _actionAndFlags;

    /// <summary>RRELA, bits 2:0 of dword 10.</summary>
    public ReservationReleaseAction Action
    {
        readonly get => (ReservationReleaseAction)(_actionAndFlags & ActionMask);
        set => _actionAndFlags = (byte)((_actionAndFlags & ~ActionMask) | ((byte)value & ActionMask));
    }

    /// <summary>IEKEY, bit 3: must be 0 since NVMe 1.3.</summary>
    public bool IgnoreExistingKey
    {
        readonly get => (_actionAndFlags & IgnoreExistingKeyBit) != 0;
        set => _actionAndFlags = (byte)(value ? _actionAndFlags | IgnoreExistingKeyBit : _actionAndFlags & ~IgnoreExistingKeyBit);
    }

    /// <summary>The entry, seen as this command.</summary>
    public static ref readonly ReservationReleaseCommand Of(ref readonly SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, ReservationReleaseCommand>(ref Unsafe.AsRef(in entry));

    /// <summary>The entry, seen as this command, for writing.</summary>
    public static ref ReservationReleaseCommand Edit(ref SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, ReservationReleaseCommand>(ref entry);
}
