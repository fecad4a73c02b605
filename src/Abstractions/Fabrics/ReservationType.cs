namespace Nvmf.Abstractions.Fabrics;

/// <summary>Type of a reservation, RTYPE (NVMe Base, Reservation Type Encoding).</summary>
public enum ReservationType : byte
{
    /// <summary>No reservation is held.</summary>
    None = 0,

    /// <summary>The holder writes, everybody reads.</summary>
    WriteExclusive = 1,

    /// <summary>The holder alone reads and writes.</summary>
    ExclusiveAccess = 2,

    /// <summary>Registrants write, everybody reads; one of them is the holder.</summary>
    WriteExclusiveRegistrantsOnly = 3,

    /// <summary>Registrants alone read and write; one of them is the holder.</summary>
    ExclusiveAccessRegistrantsOnly = 4,

    /// <summary>Registrants write, everybody reads; all of them are holders.</summary>
    WriteExclusiveAllRegistrants = 5,

    /// <summary>Registrants alone read and write; all of them are holders.</summary>
    ExclusiveAccessAllRegistrants = 6,
}
