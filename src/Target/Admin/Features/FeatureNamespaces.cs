using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.Features;

/// <summary>What a namespace identifier means to Get Features and Set Features.</summary>
internal static class FeatureNamespaces
{
    /// <summary>No namespace in particular.</summary>
    public static bool IsNone(uint namespaceId) => namespaceId is 0 or NamespaceIdentifiers.Broadcast;

    /// <summary>No namespace in particular, or one that is there.</summary>
    public static bool IsActiveOrNone(Controller controller, uint namespaceId) =>
        IsNone(namespaceId) || controller.Subsystem?.FindNamespace(namespaceId) != null;

    /// <summary>Get Features of a value that each namespace has for itself: which one is meant must be said.</summary>
    public static NvmeStatus One(uint namespaceId) => namespaceId switch
    {
        0 => NvmeStatus.InvalidNamespace,
        NamespaceIdentifiers.Broadcast => NvmeStatus.InvalidField,
        _ => NvmeStatus.Success,
    };

    /// <summary>The namespace that Set Features is about, or all of them by the broadcast identifier.</summary>
    public static IReadOnlyList<Namespace> Named(in FeatureRequest request)
    {
        Subsystem subsystem = request.Controller.Subsystem!;
        return request.NamespaceId == NamespaceIdentifiers.Broadcast ? subsystem.Namespaces
            : subsystem.FindNamespace(request.NamespaceId) is { } ns ? [ns] : [];
    }

    /// <summary>Why Set Features refuses this identifier; success when it does not.</summary>
    public static NvmeStatus Check(Controller controller, Feature feature, uint namespaceId)
    {
        if (IsNone(namespaceId))
        {
            return NvmeStatus.Success;
        }

        if (!IsActiveOrNone(controller, namespaceId))
        {
            return NvmeStatus.InvalidNamespace;
        }

        return feature.IsNamespaceSpecific ? NvmeStatus.Success : NvmeStatus.FeatureNotNamespaceSpecific;
    }
}
