namespace Nvmf.Abstractions.Fabrics;

/// <summary>CC, 32 bits (NVMe Base, Controller Configuration).</summary>
/// <param name="Value">The whole property.</param>
public readonly record struct ControllerConfiguration(uint Value)
{
    /// <summary>EN.</summary>
    public bool Enable
    {
        get => ((Value >> 0) & 1) != 0;
        init => Value = (Value & ~(1u << 0)) | (value ? 1u << 0 : 0);
    }

    /// <summary>CSS: 000b NVM command set, 110b all supported, 111b admin only.</summary>
    public byte CommandSetSelected
    {
        get => (byte)((Value >> 4) & 0x7u);
        init => Value = (Value & ~(0x7u << 4)) | (((uint)value & 0x7u) << 4);
    }

    /// <summary>MPS, as power of two above 4 KiB.</summary>
    public byte MemoryPageSize
    {
        get => (byte)((Value >> 7) & 0xFu);
        init => Value = (Value & ~(0xFu << 7)) | (((uint)value & 0xFu) << 7);
    }

    /// <summary>AMS.</summary>
    public byte ArbitrationMechanism
    {
        get => (byte)((Value >> 11) & 0x7u);
        init => Value = (Value & ~(0x7u << 11)) | (((uint)value & 0x7u) << 11);
    }

    /// <summary>SHN.</summary>
    public ShutdownNotification ShutdownNotification
    {
        get => (ShutdownNotification)((Value >> 14) & 0x3u);
        init => Value = (Value & ~(0x3u << 14)) | (((uint)value & 0x3u) << 14);
    }

    /// <summary>IOSQES, power of two; 6 over fabrics.</summary>
    public byte SubmissionQueueEntrySize
    {
        get => (byte)((Value >> 16) & 0xFu);
        init => Value = (Value & ~(0xFu << 16)) | (((uint)value & 0xFu) << 16);
    }

    /// <summary>IOCQES, power of two; 4 over fabrics.</summary>
    public byte CompletionQueueEntrySize
    {
        get => (byte)((Value >> 20) & 0xFu);
        init => Value = (Value & ~(0xFu << 20)) | (((uint)value & 0xFu) << 20);
    }

    /// <summary>CRIME.</summary>
    public bool ReadyIndependentOfMedia
    {
        get => ((Value >> 24) & 1) != 0;
        init => Value = (Value & ~(1u << 24)) | (value ? 1u << 24 : 0);
    }
}
