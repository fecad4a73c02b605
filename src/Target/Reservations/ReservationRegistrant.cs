using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Reservations;

/// <summary>A host with a key. One registrant, however many controllers it has.</summary>
internal readonly record struct ReservationRegistrant(Identifier128 Host, ulong Key);
