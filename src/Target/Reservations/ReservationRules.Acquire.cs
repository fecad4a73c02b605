using System.Collections.Immutable;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Reservations;

/// <summary>Acquiring and preempting.</summary>
internal static partial class ReservationRules
{
    /// <summary>Reservation Acquire.</summary>
    /// <param name="state">Before.</param>
    /// <param name="issuer">The host.</param>
    /// <param name="command">RACQA, RTYPE, IEKEY.</param>
    /// <param name="data">Keys.</param>
    public static ReservationOutcome Acquire(ReservationState state, Identifier128 issuer, ReservationAcquireCommand command, ReservationAcquireData data)
    {
        bool known = command.Action <= ReservationAcquireAction.PreemptAndAbort
            && command.Type is > ReservationType.None and <= ReservationType.ExclusiveAccessAllRegistrants;
        if (!known || command.IgnoreExistingKey)
        {
            return ReservationOutcome.Refused(state, NvmeStatus.InvalidField);
        }

        if (!IsRegistered(state, issuer, data.CurrentKey))
        {
            return ReservationOutcome.Refused(state, NvmeStatus.ReservationConflict);
        }

        if (command.Action != ReservationAcquireAction.Acquire)
        {
            return Preempt(state, issuer, command.Type, data.PreemptKey);
        }

        if (state.Type == ReservationType.None)
        {
            return ReservationOutcome.Done(state.HeldBy(issuer, command.Type));
        }

        return state.IsHeldBy(issuer) && state.Type == command.Type
            ? ReservationOutcome.Done(state)
            : ReservationOutcome.Refused(state, NvmeStatus.ReservationConflict);
    }

    private static ReservationOutcome Preempt(ReservationState state, Identifier128 issuer, ReservationType type, ulong key)
    {
        if (state.IsHeldByAll)
        {
            return key == 0
                ? Remove(state, issuer, registrant => registrant.Host != issuer, left => left.HeldBy(issuer, type))
                : state.Registrants.Any(registrant => registrant.Key == key)
                ? Remove(state, issuer, registrant => registrant.Key == key, static left => left)
                : ReservationOutcome.Refused(state, NvmeStatus.ReservationConflict);
        }

        // A host may preempt itself to change the type, and does not unregister itself then.
        if (state.Type != ReservationType.None && state.TryFindKey(state.Holder, out ulong holders) && holders == key)
        {
            return Remove(state, issuer, registrant => registrant.Key == key && registrant.Host != issuer, left => left.HeldBy(issuer, type));
        }

        return state.Type != ReservationType.None && key == 0
            ? ReservationOutcome.Refused(state, NvmeStatus.InvalidField)
            : Remove(state, issuer, registrant => registrant.Key == key, static left => left);
    }

    private static ReservationOutcome Remove(
        ReservationState state, Identifier128 issuer, Predicate<ReservationRegistrant> match, Func<ReservationState, ReservationState> take)
    {
        ImmutableArray<ReservationRegistrant> removed = [.. state.Registrants.Where(registrant => match(registrant))];
        ReservationState left = take(state.Without(match)).Counted();
        ReservationOutcome outcome = ReservationOutcome.Done(left).Telling(ReservationNotificationType.RegistrationPreempted, removed, issuer);
        if (state.Type != ReservationType.None && state.Type != left.Type)
        {
            outcome = outcome.Telling(ReservationNotificationType.ReservationReleased, left.Registrants, issuer);
        }

        return outcome with { Preempted = [.. removed.Select(static registrant => registrant.Host).Where(host => host != issuer)] };
    }
}
