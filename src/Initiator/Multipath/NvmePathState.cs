namespace Nvmf.Initiator.Multipath;

/// <summary>What an <see cref="NvmePath"/> is doing.</summary>
public enum NvmePathState
{
    /// <summary>An association is being made.</summary>
    Connecting,

    /// <summary>Commands can be sent.</summary>
    Live,

    /// <summary>There is no association; the next attempt comes after the reconnect delay.</summary>
    Waiting,

    /// <summary>Given up: removed, refused for good, or lost for longer than the controller loss time-out.</summary>
    Removed,
}
