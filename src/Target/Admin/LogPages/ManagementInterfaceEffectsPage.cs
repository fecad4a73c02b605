using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.LogPages;

/// <summary>NVMe-MI commands supported and effects (13h), which comes with 00h and 12h: there are none.</summary>
internal sealed class ManagementInterfaceEffectsPage : LogPage
{
    private static readonly byte[] Page = new byte[4096];

    public override LogPageIdentifier Identifier => LogPageIdentifier.NvmeMiCommandsSupportedAndEffects;

    public override bool IsAvailable(Controller controller) => true;

    public override ReadOnlyMemory<byte> Read(Controller controller, ref readonly GetLogPageCommand command, bool keep) => Page;
}
