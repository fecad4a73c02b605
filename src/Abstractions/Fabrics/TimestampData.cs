using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Data of the Timestamp feature, 8 bytes (feature 0Eh).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct TimestampData
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 8;

    /// <summary>Byte 6: the clock may have stopped in bit 0 (Synch); origin in 3:1, 0 cleared by reset, 1 set by the host.</summary>
    [FieldOffset(6)]
    public byte Attributes;


    [FieldOffset(0)]
    private uint _low;

    [FieldOffset(4)]
    private ushort _high;

    /// <summary>Milliseconds since the Unix epoch, 48 bits.</summary>
    public ulong Milliseconds
    {
        readonly get => ((ulong)_high << 32) | _low;
        set
        {
            _low = (uint)value;
            _high = (ushort)(value >> 32);
        }
    }
}
