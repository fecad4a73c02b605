namespace Nvmf.Abstractions.Fabrics;

/// <summary>RESCAP of Identify Namespace: what a namespace knows of reservations. 0: nothing.</summary>
[Flags]
public enum ReservationCapabilities : byte
{
    /// <summary>No reservations.</summary>
    None = 0,

    /// <summary>They can be made to outlive a loss of power.</summary>
    PersistThroughPowerLoss = 1 << 0,

    /// <summary><see cref="ReservationType.WriteExclusive"/>.</summary>
    WriteExclusive = 1 << 1,

    /// <summary><see cref="ReservationType.ExclusiveAccess"/>.</summary>
    ExclusiveAccess = 1 << 2,

    /// <summary><see cref="ReservationType.WriteExclusiveRegistrantsOnly"/>.</summary>
    WriteExclusiveRegistrantsOnly = 1 << 3,

    /// <summary><see cref="ReservationType.ExclusiveAccessRegistrantsOnly"/>.</summary>
    ExclusiveAccessRegistrantsOnly = 1 << 4,

    /// <summary><see cref="ReservationType.WriteExclusiveAllRegistrants"/>.</summary>
    WriteExclusiveAllRegistrants = 1 << 5,

    /// <summary><see cref="ReservationType.ExclusiveAccessAllRegistrants"/>.</summary>
    ExclusiveAccessAllRegistrants = 1 << 6,

    /// <summary>The Ignore Existing Key bit as since NVMe 1.3.</summary>
    IgnoreExistingKey = 1 << 7,

    /// <summary>The six types.</summary>
    AllTypes = WriteExclusive | ExclusiveAccess | WriteExclusiveRegistrantsOnly | ExclusiveAccessRegistrantsOnly | WriteExclusiveAllRegistrants
        | ExclusiveAccessAllRegistrants,
}
