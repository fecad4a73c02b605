namespace Nvmf.Abstractions.Fabrics;

/// <summary>What a reservation notification is about (RNLPT).</summary>
public enum ReservationNotificationType : byte
{
    /// <summary>There is no notification.</summary>
    None = 0,

    /// <summary>Another host has unregistered this one by preempting it.</summary>
    RegistrationPreempted = 1,

    /// <summary>A reservation that this host had a share in was released, or has another type.</summary>
    ReservationReleased = 2,

    /// <summary>Another host has cleared the reservation, and all registrations with it.</summary>
    ReservationPreempted = 3,
}
