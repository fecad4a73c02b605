using System.Collections.Immutable;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Reservations;

/// <summary>Who is registered with a namespace, and who holds it. Never changed in place.</summary>
internal sealed record ReservationState
{
    /// <summary>Nobody is registered.</summary>
    public static ReservationState Empty { get; } = new();

    /// <summary>GEN; wraps.</summary>
    public uint Generation { get; init; }

    /// <summary>The reservation that is held.</summary>
    public ReservationType Type { get; init; }

    /// <summary>Who holds a reservation that is not of all registrants. Always a registrant.</summary>
    public Identifier128 Holder { get; init; }

    /// <summary>In the order of their registrations.</summary>
    public ImmutableArray<ReservationRegistrant> Registrants { get; init; } = [];

    /// <summary>PTPL: this state outlives the target.</summary>
    public bool PersistsThroughPowerLoss { get; init; }

    /// <summary>A reservation that every registrant holds.</summary>
    public bool IsHeldByAll => Type is ReservationType.WriteExclusiveAllRegistrants or ReservationType.ExclusiveAccessAllRegistrants;

    public bool TryFindKey(Identifier128 host, out ulong key)
    {
        int index = IndexOf(host);
        key = index >= 0 ? Registrants[index].Key : 0;
        return index >= 0;
    }

    /// <summary>This host holds the reservation.</summary>
    public bool IsHeldBy(Identifier128 host) => Type != ReservationType.None && (IsHeldByAll ? IndexOf(host) >= 0 : Holder == host);

    public ReservationState WithKey(Identifier128 host, ulong key)
    {
        int index = IndexOf(host);
        var registrant = new ReservationRegistrant(host, key);
        return this with { Registrants = index >= 0 ? Registrants.SetItem(index, registrant) : Registrants.Add(registrant) };
    }

    /// <summary>Without these registrants, and without the reservation when nobody is left who holds it.</summary>
    public ReservationState Without(Predicate<ReservationRegistrant> match)
    {
        ReservationState left = this with { Registrants = Registrants.RemoveAll(match) };
        bool held = left.IsHeldByAll ? !left.Registrants.IsEmpty : left.IndexOf(left.Holder) >= 0;
        return held ? left : left.Released();
    }

    public ReservationState HeldBy(Identifier128 host, ReservationType type) => this with { Type = type, Holder = host };

    public ReservationState Released() => this with { Type = ReservationType.None, Holder = default };

    /// <summary>A command that counts has succeeded.</summary>
    public ReservationState Counted() => this with { Generation = unchecked(Generation + 1) };

    private int IndexOf(Identifier128 host)
    {
        for (int i = 0; i < Registrants.Length; i++)
        {
            if (Registrants[i].Host == host)
            {
                return i;
            }
        }

        return -1;
    }
}
