using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Firmware Slot Information, 512 bytes (log page 03h).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct FirmwareSlotInformation
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 512;

    /// <summary>AFI: active slot in 2:0, slot after the next reset in 6:4.</summary>
    [FieldOffset(0)]
    public byte ActiveFirmwareInformation;

    /// <summary>Firmware revision in slot 1 (FRS1).</summary>
    [FieldOffset(8)]
    public SpacePaddedText8 Slot1;
}
