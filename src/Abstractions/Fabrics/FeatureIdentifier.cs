namespace Nvmf.Abstractions.Fabrics;

/// <summary>Feature identifiers (NVMe Base, Feature Identifiers).</summary>
public enum FeatureIdentifier : byte
{
    /// <summary>Arbitration.</summary>
    Arbitration = 0x01,

    /// <summary>Power Management.</summary>
    PowerManagement = 0x02,

    /// <summary>LBA Range Type.</summary>
    LbaRangeType = 0x03,

    /// <summary>Temperature Threshold.</summary>
    TemperatureThreshold = 0x04,

    /// <summary>Error Recovery.</summary>
    ErrorRecovery = 0x05,

    /// <summary>Volatile Write Cache.</summary>
    VolatileWriteCache = 0x06,

    /// <summary>Number of Queues.</summary>
    NumberOfQueues = 0x07,

    /// <summary>Interrupt Coalescing; not for fabrics.</summary>
    InterruptCoalescing = 0x08,

    /// <summary>Interrupt Vector Configuration; not for fabrics.</summary>
    InterruptVectorConfiguration = 0x09,

    /// <summary>Write Atomicity Normal.</summary>
    WriteAtomicity = 0x0A,

    /// <summary>Asynchronous Event Configuration.</summary>
    AsynchronousEventConfiguration = 0x0B,

    /// <summary>Autonomous Power State Transition.</summary>
    AutonomousPowerStateTransition = 0x0C,

    /// <summary>Host Memory Buffer; not for fabrics.</summary>
    HostMemoryBuffer = 0x0D,

    /// <summary>Timestamp.</summary>
    Timestamp = 0x0E,

    /// <summary>Keep Alive Timer.</summary>
    KeepAliveTimer = 0x0F,

    /// <summary>Host Controlled Thermal Management.</summary>
    HostControlledThermalManagement = 0x10,

    /// <summary>Non-Operational Power State Config.</summary>
    NonOperationalPowerStateConfiguration = 0x11,

    /// <summary>Read Recovery Level Config.</summary>
    ReadRecoveryLevel = 0x12,

    /// <summary>Predictable Latency Mode Config.</summary>
    PredictableLatencyModeConfiguration = 0x13,

    /// <summary>Predictable Latency Mode Window.</summary>
    PredictableLatencyModeWindow = 0x14,

    /// <summary>LBA Status Information Report Interval.</summary>
    LbaStatusInformationReportInterval = 0x15,

    /// <summary>Host Behavior Support.</summary>
    HostBehaviorSupport = 0x16,

    /// <summary>Sanitize Config.</summary>
    SanitizeConfiguration = 0x17,

    /// <summary>Endurance Group Event Configuration.</summary>
    EnduranceGroupEventConfiguration = 0x18,

    /// <summary>I/O Command Set Profile.</summary>
    CommandSetProfile = 0x19,

    /// <summary>Spinup Control.</summary>
    SpinupControl = 0x1A,

    /// <summary>Software Progress Marker.</summary>
    SoftwareProgressMarker = 0x80,

    /// <summary>Host Identifier.</summary>
    HostIdentifier = 0x81,

    /// <summary>Reservation Notification Mask.</summary>
    ReservationNotificationMask = 0x82,

    /// <summary>Reservation Persistence.</summary>
    ReservationPersistence = 0x83,

    /// <summary>Namespace Write Protection Config.</summary>
    NamespaceWriteProtection = 0x84,
}
