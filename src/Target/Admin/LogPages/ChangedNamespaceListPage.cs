using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.LogPages;

/// <summary>Changed namespace list (04h).</summary>
internal sealed class ChangedNamespaceListPage : LogPage
{
    public override LogPageIdentifier Identifier => LogPageIdentifier.ChangedNamespaceList;

    public override AsynchronousEvents Events => AsynchronousEvents.NamespaceAttribute;

    public override ReadOnlyMemory<byte> Read(Controller controller, ref readonly GetLogPageCommand command, bool keep)
    {
        var page = new byte[NamespaceIdentifiers.ListLength * sizeof(uint)];
        controller.ChangedNamespaces.Read(MemoryMarshal.Cast<byte, uint>(page.AsSpan()), keep);
        return page;
    }
}
