namespace Nvmf.Initiator.Multipath;

/// <summary>Which of several equally good paths takes the next command. Optimized ones (ANA) always come before non-optimized ones.</summary>
public enum NvmePathPolicy
{
    /// <summary>One after the other.</summary>
    RoundRobin,

    /// <summary>The one with the fewest commands out.</summary>
    LeastBusy,
}
