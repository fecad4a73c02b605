using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.LogPages;

/// <summary>Asymmetric namespace access (0Ch): one group with every namespace, in the state of the port by which the controller was reached.</summary>
internal sealed class AnaLogPage : LogPage
{
    /// <summary>The group.</summary>
    public const uint GroupId = 1;

    private const byte ReturnGroupsOnly = 1;

    public override LogPageIdentifier Identifier => LogPageIdentifier.AsymmetricNamespaceAccess;

    public override bool IsAvailable(Controller controller) => controller.Subsystem is { AnaReporting: true };

    public override AsynchronousEvents Events => AsynchronousEvents.AsymmetricNamespaceAccess;

    public override ReadOnlyMemory<byte> Read(Controller controller, ref readonly GetLogPageCommand command, bool keep)
    {
        IReadOnlyList<Namespace> namespaces = (command.LogSpecificParameter & ReturnGroupsOnly) != 0 ? [] : controller.Subsystem!.Namespaces;
        (AnaState state, ulong changes) = controller.Port.AnaStateAndChanges;
        var page = new byte[AnaLogHeader.Size + AnaGroupDescriptor.Size + namespaces.Count * sizeof(uint)];
        WireStructure.Write(page, new AnaLogHeader { ChangeCount = changes, GroupDescriptors = 1 });
        WireStructure.Write(page.AsSpan(AnaLogHeader.Size), new AnaGroupDescriptor
        {
            GroupId = GroupId,
            NamespaceIds = (uint)namespaces.Count,
            ChangeCount = changes,
            State = state,
        });
        Span<uint> list = MemoryMarshal.Cast<byte, uint>(page.AsSpan(AnaLogHeader.Size + AnaGroupDescriptor.Size));
        for (int i = 0; i < list.Length; i++)
        {
            list[i] = namespaces[i].Id;
        }

        return page;
    }
}
