namespace Nvmf.Abstractions.Fabrics;

/// <summary>Reservation notifications that a host does not want (feature 82h).</summary>
[Flags]
public enum ReservationNotificationMask : uint
{
    /// <summary>All are wanted.</summary>
    None = 0,

    /// <summary>No <see cref="ReservationNotificationType.RegistrationPreempted"/> (REGPRE).</summary>
    RegistrationPreempted = 1 << 1,

    /// <summary>No <see cref="ReservationNotificationType.ReservationReleased"/> (RESREL).</summary>
    ReservationReleased = 1 << 2,

    /// <summary>No <see cref="ReservationNotificationType.ReservationPreempted"/> (RESPRE).</summary>
    ReservationPreempted = 1 << 3,
}
