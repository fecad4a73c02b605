using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Reservations;

/// <summary>What reservation commands do to the state of a namespace (NVMe Base 2.2, 7.5 to 7.7 and Reservations), as functions.</summary>
internal static partial class ReservationRules
{
    /// <summary>Reservation Release.</summary>
    /// <param name="state">Before.</param>
    /// <param name="issuer">The host.</param>
    /// <param name="command">RRELA, RTYPE, IEKEY.</param>
    /// <param name="data">Key.</param>
    public static ReservationOutcome Release(ReservationState state, Identifier128 issuer, ReservationReleaseCommand command, ReservationReleaseData data)
    {
        if (command.Action > ReservationReleaseAction.Clear || command.IgnoreExistingKey)
        {
            return ReservationOutcome.Refused(state, NvmeStatus.InvalidField);
        }

        if (!IsRegistered(state, issuer, data.CurrentKey))
        {
            return ReservationOutcome.Refused(state, NvmeStatus.ReservationConflict);
        }

        if (command.Action == ReservationReleaseAction.Clear)
        {
            return ReservationOutcome.Done(state.Without(static _ => true).Counted())
                .Telling(ReservationNotificationType.ReservationPreempted, state.Registrants, issuer);
        }

        // No mistake, and no effect, when there is nothing to release or it is another's.
        if (!state.IsHeldBy(issuer))
        {
            return ReservationOutcome.Done(state);
        }

        if (state.Type != command.Type)
        {
            return ReservationOutcome.Refused(state, NvmeStatus.InvalidField);
        }

        ReservationOutcome outcome = ReservationOutcome.Done(state.Released());
        return state.Type is ReservationType.WriteExclusive or ReservationType.ExclusiveAccess
            ? outcome
            : outcome.Telling(ReservationNotificationType.ReservationReleased, state.Registrants, issuer);
    }

    private static bool IsRegistered(ReservationState state, Identifier128 host, ulong key) => state.TryFindKey(host, out ulong registered) && registered == key;
}
