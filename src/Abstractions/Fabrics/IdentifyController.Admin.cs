using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

// Admin command set attributes, bytes 256 to 511.
public partial struct IdentifyController
{
    /// <summary>OACS.</summary>
    [FieldOffset(256)]
    public OptionalAdminCommands OptionalAdminCommands;

    /// <summary>Abort commands at a time, zero based (ACL).</summary>
    [FieldOffset(258)]
    public byte AbortCommandLimit;

    /// <summary>Asynchronous event requests at a time, zero based (AERL).</summary>
    [FieldOffset(259)]
    public byte AsynchronousEventRequestLimit;

    /// <summary>Firmware updates (FRMW): slot 1 read-only in bit 0, slots in 3:1, activation without reset in 4.</summary>
    [FieldOffset(260)]
    public byte FirmwareUpdates;

    /// <summary>LPA.</summary>
    [FieldOffset(261)]
    public LogPageAttributes LogPageAttributes;

    /// <summary>Error log page entries, zero based (ELPE).</summary>
    [FieldOffset(262)]
    public byte ErrorLogPageEntries;

    /// <summary>Power states, zero based (NPSS).</summary>
    [FieldOffset(263)]
    public byte PowerStates;

    /// <summary>Admin vendor specific command configuration (AVSCC).</summary>
    [FieldOffset(264)]
    public byte VendorSpecificCommandConfiguration;

    /// <summary>Autonomous power state transition attributes (APSTA).</summary>
    [FieldOffset(265)]
    public byte AutonomousPowerStateTransition;

    /// <summary>Warning composite temperature threshold (WCTEMP) in kelvin.</summary>
    [FieldOffset(266)]
    public ushort WarningTemperature;

    /// <summary>Critical composite temperature threshold (CCTEMP) in kelvin.</summary>
    [FieldOffset(268)]
    public ushort CriticalTemperature;

    /// <summary>Maximum time for firmware activation (MTFA) in 100 ms.</summary>
    [FieldOffset(270)]
    public ushort MaxFirmwareActivationTime;

    /// <summary>Host memory buffer preferred size (HMPRE) in 4 KiB; 0 over fabrics.</summary>
    [FieldOffset(272)]
    public uint HostMemoryBufferPreferredSize;

    /// <summary>Host memory buffer minimum size (HMMIN) in 4 KiB; 0 over fabrics.</summary>
    [FieldOffset(276)]
    public uint HostMemoryBufferMinimumSize;

    /// <summary>Total NVM capacity (TNVMCAP) in bytes.</summary>
    [FieldOffset(280)]
    public Counter128 TotalCapacity;

    /// <summary>Unallocated NVM capacity (UNVMCAP) in bytes.</summary>
    [FieldOffset(296)]
    public Counter128 UnallocatedCapacity;

    /// <summary>Replay protected memory block support (RPMBS).</summary>
    [FieldOffset(312)]
    public uint ReplayProtectedMemoryBlock;

    /// <summary>Extended device self-test time (EDSTT) in minutes.</summary>
    [FieldOffset(316)]
    public ushort ExtendedSelfTestTime;

    /// <summary>Device self-test options (DSTO).</summary>
    [FieldOffset(318)]
    public byte SelfTestOptions;

    /// <summary>Firmware update granularity (FWUG) in 4 KiB; FFh is no restriction.</summary>
    [FieldOffset(319)]
    public byte FirmwareUpdateGranularity;

    /// <summary>Keep-alive granularity (KAS) in 100 ms; 0: no keep-alive.</summary>
    [FieldOffset(320)]
    public ushort KeepAliveGranularity;

    /// <summary>Host controlled thermal management attributes (HCTMA).</summary>
    [FieldOffset(322)]
    public ushort HostControlledThermalManagement;

    /// <summary>Minimum thermal management temperature (MNTMT) in kelvin.</summary>
    [FieldOffset(324)]
    public ushort MinThermalManagementTemperature;

    /// <summary>Maximum thermal management temperature (MXTMT) in kelvin.</summary>
    [FieldOffset(326)]
    public ushort MaxThermalManagementTemperature;

    /// <summary>Sanitize capabilities (SANICAP).</summary>
    [FieldOffset(328)]
    public uint SanitizeCapabilities;

    /// <summary>Host memory buffer minimum descriptor entry size (HMMINDS).</summary>
    [FieldOffset(332)]
    public uint HostMemoryBufferMinimumDescriptorSize;

    /// <summary>Host memory maximum descriptors entries (HMMAXD).</summary>
    [FieldOffset(336)]
    public ushort HostMemoryMaximumDescriptors;

    /// <summary>NVM set identifier maximum (NSETIDMAX).</summary>
    [FieldOffset(338)]
    public ushort MaxNvmSetId;

    /// <summary>Endurance group identifier maximum (ENDGIDMAX).</summary>
    [FieldOffset(340)]
    public ushort MaxEnduranceGroupId;

    /// <summary>ANA transition time (ANATT) in seconds.</summary>
    [FieldOffset(342)]
    public byte AnaTransitionTime;

    /// <summary>ANA capabilities (ANACAP): reportable states in bits 4:0, group identifier fixed while attached in 6, ANAGRPID non-zero supported in 7.</summary>
    [FieldOffset(343)]
    public byte AnaCapabilities;

    /// <summary>ANA group identifier maximum (ANAGRPMAX).</summary>
    [FieldOffset(344)]
    public uint MaxAnaGroupId;

    /// <summary>Number of ANA group identifiers (NANAGRPID).</summary>
    [FieldOffset(348)]
    public uint AnaGroups;

    /// <summary>Persistent event log size (PELS) in 64 KiB.</summary>
    [FieldOffset(352)]
    public uint PersistentEventLogSize;

    /// <summary>Domain identifier.</summary>
    [FieldOffset(356)]
    public ushort DomainId;

    /// <summary>Max endurance group capacity (MEGCAP) in bytes.</summary>
    [FieldOffset(368)]
    public Counter128 MaxEnduranceGroupCapacity;

    /// <summary>
    /// Command quiesce time (CQT) in ms: how long after the controller noticed that communication with the host is lost its commands may go on
    /// changing the medium; 0: not reported.
    /// </summary>
    [FieldOffset(386)]
    public ushort CommandQuiesceTime;
}
