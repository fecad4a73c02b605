namespace Nvmf.Abstractions.Fabrics;

/// <summary>What a Reservation Release command does (RRELA).</summary>
public enum ReservationReleaseAction : byte
{
    /// <summary>Releases the reservation; registrations stay.</summary>
    Release = 0,

    /// <summary>Releases the reservation, whoever holds it, and unregisters every host.</summary>
    Clear = 1,
}
