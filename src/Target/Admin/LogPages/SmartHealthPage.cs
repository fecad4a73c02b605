using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;
using Nvmf.Target.Diagnostics;

namespace Nvmf.Target.Admin.LogPages;

/// <summary>SMART / health information (02h): what a target without a medium of its own can say about its health.</summary>
internal sealed class SmartHealthPage : LogPage
{
    // There is no sensor, and no value that says so: 25 °C in kelvins.
    private const ushort RoomTemperature = 298;
    private const byte SpareAvailable = 100;
    private const byte SpareThreshold = 10;

    // Data units are thousands of 512 bytes, rounded up.
    private const ulong SectorsPerDataUnit = 1000;

    public override LogPageIdentifier Identifier => LogPageIdentifier.SmartHealthInformation;

    public override ReadOnlyMemory<byte> Read(Controller controller, ref readonly GetLogPageCommand command, bool keep)
    {
        SubsystemTraffic traffic = controller.Target.Metrics.TrafficOf(controller.SubsystemNqn);
        var page = new SmartHealthInformation
        {
            CompositeTemperature = RoomTemperature,
            AvailableSpare = SpareAvailable,
            AvailableSpareThreshold = SpareThreshold,
            DataUnitsRead = (traffic.SectorsRead + SectorsPerDataUnit - 1) / SectorsPerDataUnit,
            DataUnitsWritten = (traffic.SectorsWritten + SectorsPerDataUnit - 1) / SectorsPerDataUnit,
            HostReadCommands = traffic.Reads,
            HostWriteCommands = traffic.Writes,
            PowerCycles = 1,
            PowerOnHours = (ulong)controller.Target.Uptime.TotalHours,
            ErrorInformationEntries = controller.Errors.Count,
        };
        return WireStructure.AsBytes(in page).ToArray();
    }
}
