namespace Nvmf.Abstractions.Fabrics;

/// <summary>VS, 32 bits, and VER of Identify Controller (NVMe Base, Version).</summary>
/// <param name="Value">The whole property.</param>
public readonly record struct NvmeVersion(uint Value)
{
    /// <summary>TER.</summary>
    public byte Tertiary
    {
        get => (byte)((Value >> 0) & 0xFFu);
        init => Value = (Value & ~(0xFFu << 0)) | (((uint)value & 0xFFu) << 0);
    }

    /// <summary>MNR.</summary>
    public byte Minor
    {
        get => (byte)((Value >> 8) & 0xFFu);
        init => Value = (Value & ~(0xFFu << 8)) | (((uint)value & 0xFFu) << 8);
    }

    /// <summary>MJR.</summary>
    public ushort Major
    {
        get => (ushort)((Value >> 16) & 0xFFFFu);
        init => Value = (Value & ~(0xFFFFu << 16)) | (((uint)value & 0xFFFFu) << 16);
    }

    /// <summary>NVMe 1.4.0.</summary>
    public static NvmeVersion Version14 => new(0x0001_0400);

    /// <summary>NVMe 2.0.0.</summary>
    public static NvmeVersion Version20 => new(0x0002_0000);

    /// <inheritdoc/>
    public override string ToString() => $"{Major}.{Minor}.{Tertiary}";
}
