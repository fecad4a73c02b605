using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Reservations;

namespace Nvmf.Target;

/// <summary>Who is registered with a namespace and who has reserved it, at one moment.</summary>
/// <param name="Type">The reservation that is held.</param>
/// <param name="Generation">Counts what changed registrations; wraps.</param>
/// <param name="PersistsThroughPowerLoss">All this outlives the target.</param>
/// <param name="Registrants">In the order in which they registered.</param>
public sealed record ReservationInfo(ReservationType Type, uint Generation, bool PersistsThroughPowerLoss, IReadOnlyList<ReservationRegistrantInfo> Registrants)
{
    internal static ReservationInfo Describe(ReservationState state) => new(
        state.Type,
        state.Generation,
        state.PersistsThroughPowerLoss,
        [.. state.Registrants.Select(registrant => new ReservationRegistrantInfo(registrant.Host.ToGuid(), registrant.Key, state.IsHeldBy(registrant.Host)))]);
}
