namespace Nvmf.Abstractions.Fabrics;

/// <summary>CTRATT of Identify Controller.</summary>
[Flags]
public enum ControllerAttributes : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>128-bit host identifiers are supported; fabrics require it.</summary>
    HostIdentifier128 = 1u << 0,

    /// <summary>Non-operational power state permissive mode.</summary>
    NonOperationalPowerStatePermissiveMode = 1u << 1,

    /// <summary>NVM sets.</summary>
    NvmSets = 1u << 2,

    /// <summary>Read recovery levels.</summary>
    ReadRecoveryLevels = 1u << 3,

    /// <summary>Endurance groups.</summary>
    EnduranceGroups = 1u << 4,

    /// <summary>Predictable latency mode.</summary>
    PredictableLatencyMode = 1u << 5,

    /// <summary>Any command restarts the keep-alive timer (TBKAS).</summary>
    TrafficBasedKeepAlive = 1u << 6,

    /// <summary>Namespace granularity.</summary>
    NamespaceGranularity = 1u << 7,

    /// <summary>Submission queue associations.</summary>
    SqAssociations = 1u << 8,

    /// <summary>UUID list.</summary>
    UuidList = 1u << 9,

    /// <summary>Multi-domain subsystem.</summary>
    MultiDomainSubsystem = 1u << 10,

    /// <summary>Fixed capacity management.</summary>
    FixedCapacityManagement = 1u << 11,

    /// <summary>Variable capacity management.</summary>
    VariableCapacityManagement = 1u << 12,

    /// <summary>Endurance group deletion.</summary>
    DeleteEnduranceGroup = 1u << 13,

    /// <summary>NVM set deletion.</summary>
    DeleteNvmSet = 1u << 14,

    /// <summary>More than 16 LBA formats (ELBAS).</summary>
    ExtendedLbaFormats = 1u << 15,

    /// <summary>Reservations need a host identifier other than zero (RHII).</summary>
    ReservationsNeedHostIdentifier = 1u << 18,
}
