using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Admin.Features;

/// <summary>
/// Reservation notification mask (82h) of a namespace, for this controller: a host that does not want to know must not keep others from it. The broadcast identifier sets
/// it for every namespace.
/// </summary>
internal sealed class ReservationNotificationMaskFeature : Feature
{
    private const ReservationNotificationMask Known =
        ReservationNotificationMask.RegistrationPreempted | ReservationNotificationMask.ReservationReleased | ReservationNotificationMask.ReservationPreempted;

    public override FeatureIdentifier Identifier => FeatureIdentifier.ReservationNotificationMask;

    public override bool IsNamespaceSpecific => true;

    public override NvmeStatus Get(in FeatureRequest request, Span<byte> data, out uint value)
    {
        value = (uint)request.Controller.ReservationNotifications.GetMask(request.NamespaceId);
        return FeatureNamespaces.One(request.NamespaceId);
    }

    public override NvmeStatus GetDefault(in FeatureRequest request, Span<byte> data, out uint value)
    {
        value = 0;
        return FeatureNamespaces.One(request.NamespaceId);
    }

    public override NvmeStatus Set(in FeatureRequest request, ReadOnlySpan<byte> data, out uint result)
    {
        result = 0;
        if ((request.Value & ~(uint)Known) != 0)
        {
            return NvmeStatus.InvalidField;
        }

        foreach (Namespace ns in FeatureNamespaces.Named(request))
        {
            request.Controller.ReservationNotifications.SetMask(ns.Id, (ReservationNotificationMask)request.Value);
        }

        return request.NamespaceId == 0 ? NvmeStatus.InvalidNamespace : NvmeStatus.Success;
    }
}
