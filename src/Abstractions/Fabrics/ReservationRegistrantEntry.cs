using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>A registrant in the extended reservation status, 64 bytes (NVMe Base, Registrant Extended Data Structure).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct ReservationRegistrantEntry
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 64;

    /// <summary>Controller of the host (CNTLID); FFFFh when it has none at the moment.</summary>
    [FieldOffset(0)]
    public ushort ControllerId;

    /// <summary>Key (RKEY).</summary>
    [FieldOffset(8)]
    public ulong Key;

    /// <summary>Host identifier (HOSTID).</summary>
    [FieldOffset(16)]
    public Identifier128 HostId;

    [FieldOffset(2)]
    private byte _status;

    /// <summary>The host holds the reservation (RCSTS bit 0).</summary>
    public bool HoldsReservation
    {
        readonly get => (_status & 1) != 0;
        set => _status = (byte)(value ? _status | 1 : _status & ~1);
    }
}
