using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>The Reservation Notification log page, 64 bytes: one notification, all zeroes when there is none (log page 80h).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct ReservationNotification
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 64;

    /// <summary>Number of this notification since the controller was reset, from 1 (LPC); a gap tells of lost ones.</summary>
    [FieldOffset(0)]
    public ulong Count;

    /// <summary>What happened (RNLPT).</summary>
    [FieldOffset(8)]
    public ReservationNotificationType Type;

    /// <summary>Further notifications that wait to be read (NALP), at most 255.</summary>
    [FieldOffset(9)]
    public byte Available;

    /// <summary>Namespace (NSID).</summary>
    [FieldOffset(12)]
    public uint NamespaceId;
}
