namespace Nvmf.Initiator;

/// <summary>A host that is registered with a namespace.</summary>
/// <param name="HostId">Host identifier.</param>
/// <param name="Key">Its key.</param>
/// <param name="HoldsReservation">It holds the reservation, alone or with others.</param>
/// <param name="ControllerId">A controller of the host; FFFFh when it has none, or the controller does not say.</param>
public sealed record NvmeReservationRegistrant(Guid HostId, ulong Key, bool HoldsReservation, ushort ControllerId);
