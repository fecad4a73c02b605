namespace Nvmf.Abstractions.Fabrics;

/// <summary>CAP, 64 bits (NVMe Base, Controller Capabilities).</summary>
/// <param name="Value">The whole property.</param>
public readonly record struct ControllerCapabilities(ulong Value)
{
    /// <summary>Maximum queue entries supported, zero based (MQES).</summary>
    public ushort MaxQueueEntries
    {
        get => (ushort)((Value >> 0) & 0xFFFFul);
        init => Value = (Value & ~(0xFFFFul << 0)) | (((ulong)value & 0xFFFFul) << 0);
    }

    /// <summary>Contiguous queues required (CQR); set over fabrics.</summary>
    public bool ContiguousQueuesRequired
    {
        get => ((Value >> 16) & 1) != 0;
        init => Value = (Value & ~(1ul << 16)) | (value ? 1ul << 16 : 0);
    }

    /// <summary>Arbitration mechanism supported (AMS).</summary>
    public byte ArbitrationMechanisms
    {
        get => (byte)((Value >> 17) & 0x3ul);
        init => Value = (Value & ~(0x3ul << 17)) | (((ulong)value & 0x3ul) << 17);
    }

    /// <summary>Worst case time for CSTS.RDY to change (TO), in 500 ms.</summary>
    public byte Timeout
    {
        get => (byte)((Value >> 24) & 0xFFul);
        init => Value = (Value & ~(0xFFul << 24)) | (((ulong)value & 0xFFul) << 24);
    }

    /// <summary>Doorbell stride (DSTRD); 0 over fabrics.</summary>
    public byte DoorbellStride
    {
        get => (byte)((Value >> 32) & 0xFul);
        init => Value = (Value & ~(0xFul << 32)) | (((ulong)value & 0xFul) << 32);
    }

    /// <summary>NVM subsystem reset supported (NSSRS).</summary>
    public bool SubsystemResetSupported
    {
        get => ((Value >> 36) & 1) != 0;
        init => Value = (Value & ~(1ul << 36)) | (value ? 1ul << 36 : 0);
    }

    /// <summary>CSS bit 0: the NVM command set.</summary>
    public bool NvmCommandSet
    {
        get => ((Value >> 37) & 1) != 0;
        init => Value = (Value & ~(1ul << 37)) | (value ? 1ul << 37 : 0);
    }

    /// <summary>CSS bit 6: one or more command sets, chosen by Identify (CSI).</summary>
    public bool OtherCommandSets
    {
        get => ((Value >> 43) & 1) != 0;
        init => Value = (Value & ~(1ul << 43)) | (value ? 1ul << 43 : 0);
    }

    /// <summary>CSS bit 7: admin commands only.</summary>
    public bool NoCommandSet
    {
        get => ((Value >> 44) & 1) != 0;
        init => Value = (Value & ~(1ul << 44)) | (value ? 1ul << 44 : 0);
    }

    /// <summary>Memory page size minimum (MPSMIN), as power of two above 4 KiB.</summary>
    public byte MemoryPageSizeMinimum
    {
        get => (byte)((Value >> 48) & 0xFul);
        init => Value = (Value & ~(0xFul << 48)) | (((ulong)value & 0xFul) << 48);
    }

    /// <summary>Memory page size maximum (MPSMAX), as power of two above 4 KiB.</summary>
    public byte MemoryPageSizeMaximum
    {
        get => (byte)((Value >> 52) & 0xFul);
        init => Value = (Value & ~(0xFul << 52)) | (((ulong)value & 0xFul) << 52);
    }

    /// <summary>NVM subsystem shutdown supported (NSSS).</summary>
    public bool SubsystemShutdownSupported
    {
        get => ((Value >> 58) & 1) != 0;
        init => Value = (Value & ~(1ul << 58)) | (value ? 1ul << 58 : 0);
    }

    /// <summary>Controller ready with media is supported (CRMS.CRWMS).</summary>
    public bool ReadyWithMedia
    {
        get => ((Value >> 59) & 1) != 0;
        init => Value = (Value & ~(1ul << 59)) | (value ? 1ul << 59 : 0);
    }

    /// <summary>Controller ready independent of media is supported (CRMS.CRIMS).</summary>
    public bool ReadyIndependentOfMedia
    {
        get => ((Value >> 60) & 1) != 0;
        init => Value = (Value & ~(1ul << 60)) | (value ? 1ul << 60 : 0);
    }
}
