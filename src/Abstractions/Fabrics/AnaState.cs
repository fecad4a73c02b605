namespace Nvmf.Abstractions.Fabrics;

/// <summary>ANA states (NVMe Base, Asymmetric Namespace Access Reporting).</summary>
public enum AnaState : byte
{
    /// <summary>ANA Optimized.</summary>
    Optimized = 0x01,

    /// <summary>ANA Non-Optimized.</summary>
    NonOptimized = 0x02,

    /// <summary>ANA Inaccessible.</summary>
    Inaccessible = 0x03,

    /// <summary>ANA Persistent Loss.</summary>
    PersistentLoss = 0x04,

    /// <summary>ANA Change.</summary>
    Change = 0x0F,
}
