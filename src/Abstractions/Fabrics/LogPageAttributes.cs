namespace Nvmf.Abstractions.Fabrics;

/// <summary>LPA of Identify Controller.</summary>
[Flags]
public enum LogPageAttributes : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>SMART / Health Information per namespace.</summary>
    SmartPerNamespace = 1 << 0,

    /// <summary>Commands Supported and Effects.</summary>
    CommandsSupportedAndEffects = 1 << 1,

    /// <summary>NUMDU and the log page offset of Get Log Page.</summary>
    ExtendedData = 1 << 2,

    /// <summary>Telemetry.</summary>
    Telemetry = 1 << 3,

    /// <summary>Persistent Event Log.</summary>
    PersistentEvent = 1 << 4,

    /// <summary>Supported Log Pages, Feature Identifiers and NVMe-MI Commands Supported and Effects (log pages 00h, 12h, 13h).</summary>
    SupportedLogPages = 1 << 5,

    /// <summary>Telemetry data area 4.</summary>
    TelemetryDataArea4 = 1 << 6,
}
