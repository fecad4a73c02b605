using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.LogPages;

/// <summary>Firmware slot information (03h): slot 1 is active, and all there is.</summary>
internal sealed class FirmwareSlotPage : LogPage
{
    public override LogPageIdentifier Identifier => LogPageIdentifier.FirmwareSlotInformation;

    public override ReadOnlyMemory<byte> Read(Controller controller, ref readonly GetLogPageCommand command, bool keep)
    {
        var page = new FirmwareSlotInformation { ActiveFirmwareInformation = 1 };
        page.Slot1.Set(controller.Subsystem!.FirmwareRevision);
        return WireStructure.AsBytes(in page).ToArray();
    }
}
