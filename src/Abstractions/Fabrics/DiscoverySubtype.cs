namespace Nvmf.Abstractions.Fabrics;

/// <summary>SUBTYPE of a discovery log entry.</summary>
public enum DiscoverySubtype : byte
{
    /// <summary>Another discovery subsystem.</summary>
    Referral = 1,

    /// <summary>An NVM subsystem.</summary>
    NvmSubsystem = 2,

    /// <summary>The discovery subsystem that gave the log.</summary>
    CurrentDiscovery = 3,
}
