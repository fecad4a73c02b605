using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator;

/// <summary>Who is registered with a namespace and who has reserved it, when the controller was asked.</summary>
/// <param name="Type">The reservation that is held.</param>
/// <param name="Generation">Counts what changed registrations; wraps.</param>
/// <param name="PersistsThroughPowerLoss">All this outlives a loss of power.</param>
/// <param name="Registrants">The hosts.</param>
public sealed record NvmeReservation(ReservationType Type, uint Generation, bool PersistsThroughPowerLoss, IReadOnlyList<NvmeReservationRegistrant> Registrants)
{
    internal static NvmeReservation Read(ReservationStatusHeader header, ReadOnlySpan<ReservationRegistrantEntry> entries)
    {
        var registrants = new NvmeReservationRegistrant[entries.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            ref readonly var entry = ref entries[i];
            registrants[i] = new NvmeReservationRegistrant(entry.HostId.ToGuid(), entry.Key, entry.HoldsReservation, entry.ControllerId);
        }

        return new NvmeReservation(header.Type, header.Generation, header.PersistThroughPowerLoss != 0, registrants);
    }
}
