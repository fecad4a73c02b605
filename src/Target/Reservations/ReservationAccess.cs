namespace Nvmf.Target.Reservations;

/// <summary>Group of an I/O command (NVM Command Set, Command Behavior in the Presence of a Reservation).</summary>
internal enum ReservationAccess : byte
{
    /// <summary>Read, Compare, Verify, the source of Copy.</summary>
    Read,

    /// <summary>Write, Write Zeroes, Dataset Management, Flush, the destination of Copy.</summary>
    Write,
}
