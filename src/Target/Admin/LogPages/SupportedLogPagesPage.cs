using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.LogPages;

/// <summary>Supported log pages (00h).</summary>
internal sealed class SupportedLogPagesPage : LogPage
{
    public override LogPageIdentifier Identifier => LogPageIdentifier.SupportedLogPages;

    public override bool IsAvailable(Controller controller) => true;

    public override ReadOnlyMemory<byte> Read(Controller controller, ref readonly GetLogPageCommand command, bool keep)
    {
        var supported = default(SupportedLogPages);
        foreach (LogPage page in LogPageTable.All)
        {
            if (page.IsAvailable(controller))
            {
                supported[(int)page.Identifier] = SupportedLogPages.Supported;
            }
        }

        return WireStructure.AsBytes(in supported).ToArray();
    }
}
