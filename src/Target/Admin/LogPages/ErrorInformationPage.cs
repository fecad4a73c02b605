using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.LogPages;

/// <summary>Error information (01h), newest first.</summary>
internal sealed class ErrorInformationPage : LogPage
{
    public override LogPageIdentifier Identifier => LogPageIdentifier.ErrorInformation;

    public override bool IsAvailable(Controller controller) => true;

    public override ReadOnlyMemory<byte> Read(Controller controller, ref readonly GetLogPageCommand command, bool keep)
    {
        var page = new byte[ErrorLog.Capacity * ErrorInformationEntry.Size];
        controller.Errors.Read(page);
        return page;
    }
}
