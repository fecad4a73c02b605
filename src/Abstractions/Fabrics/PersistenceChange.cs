namespace Nvmf.Abstractions.Fabrics;

/// <summary>What a Reservation Register command does to the Persist Through Power Loss state of the namespace (CPTPL).</summary>
public enum PersistenceChange : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Registrations and reservation end with power.</summary>
    Clear = 2,

    /// <summary>Registrations and reservation outlive a loss of power.</summary>
    Set = 3,
}
