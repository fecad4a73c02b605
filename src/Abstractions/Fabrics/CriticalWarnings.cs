namespace Nvmf.Abstractions.Fabrics;

/// <summary>Critical warning bits of the SMART / Health Information log page.</summary>
[Flags]
public enum CriticalWarnings : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Available spare below its threshold.</summary>
    SpareBelowThreshold = 1 << 0,

    /// <summary>A temperature beyond a threshold.</summary>
    Temperature = 1 << 1,

    /// <summary>Reliability degraded by media or internal errors.</summary>
    ReliabilityDegraded = 1 << 2,

    /// <summary>The media is read-only.</summary>
    ReadOnly = 1 << 3,

    /// <summary>The backup of volatile memory failed.</summary>
    VolatileMemoryBackupFailed = 1 << 4,

    /// <summary>The persistent memory region is read-only or unreliable.</summary>
    PersistentMemoryRegion = 1 << 5,
}
