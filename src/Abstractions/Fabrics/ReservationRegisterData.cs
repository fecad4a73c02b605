using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Data of a Reservation Register command, 16 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct ReservationRegisterData
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 16;

    /// <summary>Key that the host has registered (CRKEY).</summary>
    [FieldOffset(0)]
    public ulong CurrentKey;

    /// <summary>Key to register (NRKEY).</summary>
    [FieldOffset(8)]
    public ulong NewKey;
}
