namespace Nvmf.Abstractions.Fabrics;

/// <summary>Log page identifiers (NVMe Base, Log Page Identifiers).</summary>
public enum LogPageIdentifier : byte
{
    /// <summary>Supported Log Pages.</summary>
    SupportedLogPages = 0x00,

    /// <summary>Error Information.</summary>
    ErrorInformation = 0x01,

    /// <summary>SMART / Health Information.</summary>
    SmartHealthInformation = 0x02,

    /// <summary>Firmware Slot Information.</summary>
    FirmwareSlotInformation = 0x03,

    /// <summary>Changed Namespace List.</summary>
    ChangedNamespaceList = 0x04,

    /// <summary>Commands Supported and Effects.</summary>
    CommandsSupportedAndEffects = 0x05,

    /// <summary>Device Self-test.</summary>
    DeviceSelfTest = 0x06,

    /// <summary>Telemetry Host-Initiated.</summary>
    TelemetryHostInitiated = 0x07,

    /// <summary>Telemetry Controller-Initiated.</summary>
    TelemetryControllerInitiated = 0x08,

    /// <summary>Endurance Group Information.</summary>
    EnduranceGroupInformation = 0x09,

    /// <summary>Predictable Latency Per NVM Set.</summary>
    PredictableLatencyPerNvmSet = 0x0A,

    /// <summary>Predictable Latency Event Aggregate.</summary>
    PredictableLatencyEventAggregate = 0x0B,

    /// <summary>Asymmetric Namespace Access.</summary>
    AsymmetricNamespaceAccess = 0x0C,

    /// <summary>Persistent Event Log.</summary>
    PersistentEventLog = 0x0D,

    /// <summary>LBA Status Information.</summary>
    LbaStatusInformation = 0x0E,

    /// <summary>Endurance Group Event Aggregate.</summary>
    EnduranceGroupEventAggregate = 0x0F,

    /// <summary>Media Unit Status.</summary>
    MediaUnitStatus = 0x10,

    /// <summary>Supported Capacity Configuration List.</summary>
    SupportedCapacityConfigurationList = 0x11,

    /// <summary>Feature Identifiers Supported and Effects.</summary>
    FeatureIdentifiersSupportedAndEffects = 0x12,

    /// <summary>NVMe-MI Commands Supported and Effects.</summary>
    NvmeMiCommandsSupportedAndEffects = 0x13,

    /// <summary>Command and Feature Lockdown.</summary>
    CommandAndFeatureLockdown = 0x14,

    /// <summary>Boot Partition.</summary>
    BootPartition = 0x15,

    /// <summary>Rotational Media Information.</summary>
    RotationalMediaInformation = 0x16,

    /// <summary>Discovery.</summary>
    Discovery = 0x70,

    /// <summary>Reservation Notification.</summary>
    ReservationNotification = 0x80,

    /// <summary>Sanitize Status.</summary>
    SanitizeStatus = 0x81,
}
