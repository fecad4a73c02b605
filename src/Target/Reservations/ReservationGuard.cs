using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Reservations;

/// <summary>What I/O commands look at while a reservation is held: never changed, replaced as a whole. Any thread.</summary>
internal sealed class ReservationGuard
{
    private readonly bool _everybodyReads;
    private readonly Identifier128 _holder;

    // Null when the holder is alone.
    private readonly HashSet<Identifier128>? _registrants;

    public ReservationGuard(ReservationState state)
    {
        _everybodyReads = state.Type is ReservationType.WriteExclusive or ReservationType.WriteExclusiveRegistrantsOnly or ReservationType.WriteExclusiveAllRegistrants;
        if (state.Type is ReservationType.WriteExclusive or ReservationType.ExclusiveAccess)
        {
            _holder = state.Holder;
        }
        else
        {
            _registrants = [.. state.Registrants.Select(static registrant => registrant.Host)];
        }
    }

    public bool Allows(Identifier128 host, ReservationAccess access) =>
        (access == ReservationAccess.Read && _everybodyReads) || (_registrants == null ? host == _holder : _registrants.Contains(host));
}
