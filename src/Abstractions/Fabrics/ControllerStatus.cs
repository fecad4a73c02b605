namespace Nvmf.Abstractions.Fabrics;

/// <summary>CSTS, 32 bits (NVMe Base, Controller Status).</summary>
/// <param name="Value">The whole property.</param>
public readonly record struct ControllerStatus(uint Value)
{
    /// <summary>RDY.</summary>
    public bool Ready
    {
        get => ((Value >> 0) & 1) != 0;
        init => Value = (Value & ~(1u << 0)) | (value ? 1u << 0 : 0);
    }

    /// <summary>CFS.</summary>
    public bool Fatal
    {
        get => ((Value >> 1) & 1) != 0;
        init => Value = (Value & ~(1u << 1)) | (value ? 1u << 1 : 0);
    }

    /// <summary>SHST.</summary>
    public ShutdownStatus Shutdown
    {
        get => (ShutdownStatus)((Value >> 2) & 0x3u);
        init => Value = (Value & ~(0x3u << 2)) | (((uint)value & 0x3u) << 2);
    }

    /// <summary>NSSRO.</summary>
    public bool SubsystemResetOccurred
    {
        get => ((Value >> 4) & 1) != 0;
        init => Value = (Value & ~(1u << 4)) | (value ? 1u << 4 : 0);
    }

    /// <summary>PP.</summary>
    public bool ProcessingPaused
    {
        get => ((Value >> 5) & 1) != 0;
        init => Value = (Value & ~(1u << 5)) | (value ? 1u << 5 : 0);
    }

    /// <summary>ST: SHST is about the NVM subsystem.</summary>
    public bool SubsystemShutdown
    {
        get => ((Value >> 6) & 1) != 0;
        init => Value = (Value & ~(1u << 6)) | (value ? 1u << 6 : 0);
    }
}
