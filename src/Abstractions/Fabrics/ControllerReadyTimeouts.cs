namespace Nvmf.Abstractions.Fabrics;

/// <summary>CRTO, 32 bits (NVMe Base, Controller Ready Timeouts).</summary>
/// <param name="Value">The whole property.</param>
public readonly record struct ControllerReadyTimeouts(uint Value)
{
    /// <summary>CRWMT in 500 ms.</summary>
    public ushort WithMedia
    {
        get => (ushort)((Value >> 0) & 0xFFFFu);
        init => Value = (Value & ~(0xFFFFu << 0)) | (((uint)value & 0xFFFFu) << 0);
    }

    /// <summary>CRIMT in 500 ms.</summary>
    public ushort IndependentOfMedia
    {
        get => (ushort)((Value >> 16) & 0xFFFFu);
        init => Value = (Value & ~(0xFFFFu << 16)) | (((uint)value & 0xFFFFu) << 16);
    }
}
