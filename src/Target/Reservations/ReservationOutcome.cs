using System.Collections.Immutable;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Reservations;

/// <summary>What a reservation command does.</summary>
/// <param name="Status">How it ends. When it fails, the state is as before.</param>
/// <param name="State">The state from now on.</param>
internal sealed record ReservationOutcome(NvmeStatus Status, ReservationState State)
{
    /// <summary>Hosts that were unregistered by another one's preemption.</summary>
    public ImmutableArray<Identifier128> Preempted { get; init; } = [];

    /// <summary>Hosts that are told, and of what.</summary>
    public ImmutableArray<(ReservationNotificationType Type, Identifier128 Host)> Notifications { get; init; } = [];

    public static ReservationOutcome Refused(ReservationState state, NvmeStatus status) => new(status.WithDoNotRetry(), state);

    public static ReservationOutcome Done(ReservationState state) => new(NvmeStatus.Success, state);

    /// <summary>Tells these hosts, except <paramref name="issuer"/>.</summary>
    public ReservationOutcome Telling(ReservationNotificationType type, IEnumerable<ReservationRegistrant> registrants, Identifier128 issuer) =>
        this with { Notifications = [.. Notifications, .. registrants.Where(registrant => registrant.Host != issuer).Select(registrant => (type, registrant.Host))] };
}
