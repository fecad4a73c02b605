using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Data of a Reservation Release command, 8 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct ReservationReleaseData
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 8;

    /// <summary>Key that the host has registered (CRKEY).</summary>
    [FieldOffset(0)]
    public ulong CurrentKey;
}
