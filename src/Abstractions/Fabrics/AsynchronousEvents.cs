namespace Nvmf.Abstractions.Fabrics;

/// <summary>Asynchronous events that a controller supports (OAES) or that the host enabled (feature 0Bh): the same bits.</summary>
[Flags]
public enum AsynchronousEvents : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>SMART critical warnings, bits 7:0 (feature 0Bh alone).</summary>
    CriticalWarnings = 0xFF,

    /// <summary>Namespace attribute notices.</summary>
    NamespaceAttribute = 1u << 8,

    /// <summary>Firmware activation notices.</summary>
    FirmwareActivation = 1u << 9,

    /// <summary>Telemetry log notices (feature 0Bh alone).</summary>
    TelemetryLog = 1u << 10,

    /// <summary>ANA change notices.</summary>
    AsymmetricNamespaceAccess = 1u << 11,

    /// <summary>Predictable latency event aggregate log change notices.</summary>
    PredictableLatencyEventAggregate = 1u << 12,

    /// <summary>LBA status information notices.</summary>
    LbaStatusInformation = 1u << 13,

    /// <summary>Endurance group event aggregate log change notices.</summary>
    EnduranceGroupEventAggregate = 1u << 14,

    /// <summary>Normal NVM subsystem shutdown notices.</summary>
    NormalSubsystemShutdown = 1u << 15,

    /// <summary>Discovery log page change notices.</summary>
    DiscoveryLogChange = 1u << 31,
}
