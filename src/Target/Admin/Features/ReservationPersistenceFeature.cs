using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.Admin.Features;

/// <summary>Reservation persistence (83h): the Persist Through Power Loss state of a namespace, or by the broadcast identifier of all. Every controller sees the same.</summary>
internal sealed class ReservationPersistenceFeature : Feature
{
    private const uint Persists = 1;

    public override FeatureIdentifier Identifier => FeatureIdentifier.ReservationPersistence;

    public override bool IsNamespaceSpecific => true;

    public override NvmeStatus Get(in FeatureRequest request, Span<byte> data, out uint value)
    {
        Namespace? ns = request.Controller.Subsystem!.FindNamespace(request.NamespaceId);
        value = ns is { Reservations.State.PersistsThroughPowerLoss: true } ? Persists : 0;
        return FeatureNamespaces.One(request.NamespaceId);
    }

    public override NvmeStatus GetDefault(in FeatureRequest request, Span<byte> data, out uint value)
    {
        value = 0;
        return FeatureNamespaces.One(request.NamespaceId);
    }

    public override Task<NvmeStatus>? StartSet(in FeatureRequest request)
    {
        Namespace[] namespaces = [.. FeatureNamespaces.Named(request)];
        bool persists = request.Value == Persists;
        if (request.NamespaceId == 0)
        {
            return Task.FromResult(NvmeStatus.InvalidNamespace.WithDoNotRetry());
        }

        return request.Value > Persists || (persists && namespaces.Any(static ns => !ns.Reservations.Limits.CanPersist))
            ? Task.FromResult(NvmeStatus.InvalidField.WithDoNotRetry())
            : SetAsync(request.Controller, namespaces, persists);
    }

    private static async Task<NvmeStatus> SetAsync(Controller controller, Namespace[] namespaces, bool persists)
    {
        foreach (Namespace ns in namespaces)
        {
            NvmeStatus status = await ReservationChange.RunAsync(
                controller, ns, aborts: false, state => ReservationOutcome.Done(state with { PersistsThroughPowerLoss = persists })).ConfigureAwait(false);
            if (!status.IsSuccess)
            {
                return status;
            }
        }

        return NvmeStatus.Success;
    }
}
