using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>
/// Head of the extended reservation status, 64 bytes; one <see cref="ReservationRegistrantEntry"/> per registrant follows (NVMe Base, Reservation Report). The first 24 bytes are
/// the whole head of the form for host identifiers of 64 bits, which fabrics do not have.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct ReservationStatusHeader
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 64;

    /// <summary>Counts what changed registrations (GEN); wraps.</summary>
    [FieldOffset(0)]
    public uint Generation;

    /// <summary>Reservation that is held (RTYPE).</summary>
    [FieldOffset(4)]
    public ReservationType Type;

    /// <summary>Persist through power loss state (PTPLS), 0 or 1.</summary>
    [FieldOffset(9)]
    public byte PersistThroughPowerLoss;

    [FieldOffset(5)]
    private byte _registrantsLow;

    [FieldOffset(6)]
    private byte _registrantsHigh;

    /// <summary>Registrants (REGSTRNT, earlier REGCTL), all of them, not only those that were transferred.</summary>
    public ushort Registrants
    {
        readonly get => (ushort)(_registrantsLow | (_registrantsHigh << 8));
        set => (_registrantsLow, _registrantsHigh) = ((byte)value, (byte)(value >> 8));
    }
}
