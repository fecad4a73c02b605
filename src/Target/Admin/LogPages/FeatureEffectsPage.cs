using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Admin.Features;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.LogPages;

/// <summary>Feature identifiers supported and effects (12h): one dword per feature.</summary>
internal sealed class FeatureEffectsPage : LogPage
{
    private const uint Supported = 1 << 0;
    private const uint ControllerScope = 1 << 21;
    private const uint NamespaceScope = 1 << 20;

    public override LogPageIdentifier Identifier => LogPageIdentifier.FeatureIdentifiersSupportedAndEffects;

    public override bool IsAvailable(Controller controller) => true;

    public override ReadOnlyMemory<byte> Read(Controller controller, ref readonly GetLogPageCommand command, bool keep)
    {
        var page = new byte[256 * sizeof(uint)];
        Span<uint> features = MemoryMarshal.Cast<byte, uint>(page.AsSpan());
        foreach (Feature feature in FeatureTable.All)
        {
            if (feature.OnDiscovery || !controller.IsDiscovery)
            {
                features[(int)feature.Identifier] = Supported | (feature.IsNamespaceSpecific ? NamespaceScope : ControllerScope);
            }
        }

        return page;
    }
}
