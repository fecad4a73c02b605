using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Reservations;

/// <summary>A reservation file as JSON.</summary>
internal sealed record ReservationFileContents
{
    private const int PresentVersion = 1;

    public required int Version { get; init; }

    /// <summary>The namespace: the file of one disk must not end up with another.</summary>
    public required Guid Namespace { get; init; }

    public required bool PersistThroughPowerLoss { get; init; }

    public required uint Generation { get; init; }

    public required byte Type { get; init; }

    public Guid? Holder { get; init; }

    public required IReadOnlyList<Registrant> Registrants { get; init; }

    public static ReservationFileContents Of(ReservationState state, Guid uuid) => new()
    {
        Version = PresentVersion,
        Namespace = uuid,
        PersistThroughPowerLoss = state.PersistsThroughPowerLoss,
        Generation = state.Generation,
        Type = (byte)state.Type,
        Holder = state.Type == ReservationType.None || state.IsHeldByAll ? null : state.Holder.ToGuid(),
        Registrants = [.. state.Registrants.Select(static registrant => new Registrant(registrant.Host.ToGuid(), registrant.Key))],
    };

    /// <returns>Null, and a mistake, when this is no state that a namespace could have had.</returns>
    public ReservationState? ToState(Guid uuid, int maxRegistrants, out string? mistake)
    {
        var hosts = Registrants?.Select(static registrant => registrant?.Host ?? Guid.Empty).ToHashSet() ?? [];
        var type = (ReservationType)Type;
        var state = new ReservationState
        {
            Generation = Generation,
            Type = type,
            PersistsThroughPowerLoss = PersistThroughPowerLoss,
            Holder = Holder is { } holder ? new Identifier128(holder) : default,
            Registrants = [.. (Registrants ?? []).Select(static registrant => new ReservationRegistrant(new Identifier128(registrant?.Host ?? Guid.Empty), registrant?.Key ?? 0))],
        };
        bool needsHolder = type != ReservationType.None && !state.IsHeldByAll;
        mistake = this switch
        {
            { Version: not PresentVersion } => $"it has version {Version}",
            _ when Namespace != uuid => $"it belongs to the namespace with UUID {Namespace}, not to {uuid}",
            { Registrants: null } or { Type: > (byte)ReservationType.ExclusiveAccessAllRegistrants } => "it is not what this target writes",
            _ when hosts.Count != Registrants.Count || hosts.Contains(Guid.Empty) => "it names a registrant twice, or one without an identifier",
            _ when hosts.Count > maxRegistrants => $"it has {hosts.Count} registrants, more than the {maxRegistrants} of a namespace",
            _ when needsHolder != Holder.HasValue || (Holder is { } id && !hosts.Contains(id)) => "the holder of its reservation is not one of its registrants",
            _ when state.IsHeldByAll && hosts.Count == 0 => "it has a reservation that nobody holds",
            _ => null,
        };
        return mistake == null ? state : null;
    }

    /// <summary>A host and its key.</summary>
    internal sealed record Registrant(Guid Host, ulong Key);
}
