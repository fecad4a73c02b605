using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.LogPages;

/// <summary>Discovery (70h).</summary>
internal sealed class DiscoveryLogPage : LogPage
{
    public override LogPageIdentifier Identifier => LogPageIdentifier.Discovery;

    public override bool IsAvailable(Controller controller) => controller.IsDiscovery;

    public override AsynchronousEvents Events => AsynchronousEvents.DiscoveryLogChange;

    public override ReadOnlyMemory<byte> Read(Controller controller, ref readonly GetLogPageCommand command, bool keep) =>
        controller.Target.Discovery.ReadLog(controller);
}
