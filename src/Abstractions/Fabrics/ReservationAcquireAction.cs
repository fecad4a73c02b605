namespace Nvmf.Abstractions.Fabrics;

/// <summary>What a Reservation Acquire command does (RACQA).</summary>
public enum ReservationAcquireAction : byte
{
    /// <summary>Takes a reservation that nobody holds.</summary>
    Acquire = 0,

    /// <summary>Unregisters the hosts with the other key, and takes over the reservation if one of them holds it.</summary>
    Preempt = 1,

    /// <summary>The same, and the commands of these hosts are aborted before it completes.</summary>
    PreemptAndAbort = 2,
}
