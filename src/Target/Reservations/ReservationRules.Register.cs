using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Reservations;

/// <summary>Registering and unregistering.</summary>
internal static partial class ReservationRules
{
    /// <summary>Reservation Register. The issuer has a host identifier.</summary>
    /// <param name="state">Before.</param>
    /// <param name="issuer">The host.</param>
    /// <param name="command">RREGA, IEKEY, CPTPL.</param>
    /// <param name="data">Keys.</param>
    /// <param name="limits">What the namespace can do.</param>
    public static ReservationOutcome Register(
        ReservationState state, Identifier128 issuer, ReservationRegisterCommand command, ReservationRegisterData data, ReservationLimits limits)
    {
        bool knownPersistence = command.Persistence is PersistenceChange.None or PersistenceChange.Clear
            || (command.Persistence == PersistenceChange.Set && limits.CanPersist);
        if (command.Action > ReservationRegisterAction.Replace || !knownPersistence)
        {
            return ReservationOutcome.Refused(state, NvmeStatus.InvalidField);
        }

        bool registered = state.TryFindKey(issuer, out ulong key);

        // To register, the key that is there must be the new one; for the other two it must be the one the host says, or not matter.
        bool conflicts = command.Action == ReservationRegisterAction.Register
            ? registered && key != data.NewKey
            : !command.IgnoreExistingKey && !(registered && key == data.CurrentKey);
        if (conflicts)
        {
            return ReservationOutcome.Refused(state, NvmeStatus.ReservationConflict);
        }

        if (command.Action == ReservationRegisterAction.Unregister)
        {
            return Unregister(state, issuer, command.Persistence);
        }

        // More than the subsystem can have hosts at a time: room is short only when registrations of hosts that left pile up.
        return !registered && state.Registrants.Length >= limits.MaxRegistrants
            ? ReservationOutcome.Refused(state, NvmeStatus.InternalError)
            : ReservationOutcome.Done(Change(state.WithKey(issuer, data.NewKey), command.Persistence).Counted());
    }

    private static ReservationOutcome Unregister(ReservationState state, Identifier128 issuer, PersistenceChange persistence)
    {
        ReservationState left = Change(state.Without(registrant => registrant.Host == issuer), persistence).Counted();
        ReservationOutcome outcome = ReservationOutcome.Done(left);
        bool tells = left.Type == ReservationType.None
            && state.Type is ReservationType.WriteExclusiveRegistrantsOnly or ReservationType.ExclusiveAccessRegistrantsOnly;
        return tells ? outcome.Telling(ReservationNotificationType.ReservationReleased, left.Registrants, issuer) : outcome;
    }

    private static ReservationState Change(ReservationState state, PersistenceChange persistence) => persistence switch
    {
        PersistenceChange.Clear => state with { PersistsThroughPowerLoss = false },
        PersistenceChange.Set => state with { PersistsThroughPowerLoss = true },
        _ => state,
    };
}
