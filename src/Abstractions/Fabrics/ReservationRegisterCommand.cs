using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Reservation Register, as a view of a submission queue entry (NVMe Base). Its data is <see cref="ReservationRegisterData"/>.</summary>
[StructLayout(LayoutKind.Explicit, Size = SubmissionQueueEntry.Size)]
public struct ReservationRegisterCommand
{
    private const uint ActionMask = 7;
    private const uint IgnoreExistingKeyBit = 1 << 3;
    private const int PersistenceShift = 30;

    /// <summary>Namespace identifier (NSID).</summary>
    [FieldOffset(4)]
    public uint NamespaceId;

    [FieldOffset(40)]
    private uint _dword10;

    /// <summary>RREGA, bits 2:0 of dword 10.</summary>
    public ReservationRegisterAction Action
    {
        readonly get => (ReservationRegisterAction)(_dword10 & ActionMask);
        set => _dword10 = (_dword10 & ~ActionMask) | ((uint)value & ActionMask);
    }

    /// <summary>IEKEY, bit 3: the current key is not looked at.</summary>
    public bool IgnoreExistingKey
    {
        readonly get => (_dword10 & IgnoreExistingKeyBit) != 0;
        set => _dword10 = value ? _dword10 | IgnoreExistingKeyBit : _dword10 & ~IgnoreExistingKeyBit;
    }

    /// <summary>CPTPL, bits 31:30.</summary>
    public PersistenceChange Persistence
    {
        readonly get => (PersistenceChange)(_dword10 >> PersistenceShift);
        set => _dword10 = (_dword10 & ~(3u << PersistenceShift)) | ((uint)value << PersistenceShift);
    }

    /// <summary>The entry, seen as this command.</summary>
    public static ref readonly ReservationRegisterCommand Of(ref readonly SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, ReservationRegisterCommand>(ref Unsafe.AsRef(in entry));

    /// <summary>The entry, seen as this command, for writing.</summary>
    public static ref ReservationRegisterCommand Edit(ref SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, ReservationRegisterCommand>(ref entry);
}
