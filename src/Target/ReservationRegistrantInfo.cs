namespace Nvmf.Target;

/// <summary>A host that is registered with a namespace.</summary>
/// <param name="HostId">Host identifier.</param>
/// <param name="Key">Its reservation key.</param>
/// <param name="HoldsReservation">It holds the reservation, alone or with all others.</param>
public sealed record ReservationRegistrantInfo(Guid HostId, ulong Key, bool HoldsReservation);
