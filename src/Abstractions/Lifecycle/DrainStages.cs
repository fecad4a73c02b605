namespace Nvmf.Abstractions.Lifecycle;

/// <summary>The stages of a teardown that have a deadline.</summary>
[Flags]
public enum DrainStages
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>T1: commands at the back end (<see cref="DrainDeadlines.Commands"/>).</summary>
    Commands = 1,

    /// <summary>T2: bytes queued towards the peer (<see cref="DrainDeadlines.Transmissions"/>).</summary>
    Transmissions = 2,

    /// <summary>T3: the proof after the abort (<see cref="DrainDeadlines.Abort"/>).</summary>
    Abort = 4,
}
