using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Abstractions.Tests.Fabrics;

// Offsets and sizes as in the log page figures of NVMe Base 2.0.
public class LogPageLayoutTests
{
    [Fact]
    public void Fields_of_ErrorInformationEntry()
    {
        var layout = new StructureLayout<ErrorInformationEntry>(64);
        layout.Expect(nameof(ErrorInformationEntry.ErrorCount), offset: 0, size: 8);
        layout.Expect(nameof(ErrorInformationEntry.SubmissionQueueId), offset: 8, size: 2);
        layout.Expect(nameof(ErrorInformationEntry.CommandId), offset: 10, size: 2);
        layout.Expect(nameof(ErrorInformationEntry.ParameterErrorLocation), offset: 14, size: 2);
        layout.Expect(nameof(ErrorInformationEntry.Lba), offset: 16, size: 8);
        layout.Expect(nameof(ErrorInformationEntry.NamespaceId), offset: 24, size: 4);
        layout.Expect(nameof(ErrorInformationEntry.VendorSpecificInformation), offset: 28, size: 1);
        layout.Expect(nameof(ErrorInformationEntry.TransportType), offset: 29, size: 1);
        layout.Expect(nameof(ErrorInformationEntry.CommandSpecificInformation), offset: 32, size: 8);
        layout.Expect(nameof(ErrorInformationEntry.TransportSpecificInformation), offset: 40, size: 2);
    }

    [Fact]
    public void Fields_of_SmartHealthInformation()
    {
        var layout = new StructureLayout<SmartHealthInformation>(512);
        layout.Expect(nameof(SmartHealthInformation.CriticalWarnings), offset: 0, size: 1);
        layout.Expect(nameof(SmartHealthInformation.CompositeTemperature), offset: 1, size: 2);
        layout.Expect(nameof(SmartHealthInformation.AvailableSpare), offset: 3, size: 1);
        layout.Expect(nameof(SmartHealthInformation.AvailableSpareThreshold), offset: 4, size: 1);
        layout.Expect(nameof(SmartHealthInformation.PercentageUsed), offset: 5, size: 1);
        layout.Expect(nameof(SmartHealthInformation.EnduranceGroupCriticalWarnings), offset: 6, size: 1);
        layout.Expect(nameof(SmartHealthInformation.DataUnitsRead), offset: 32, size: 16);
        layout.Expect(nameof(SmartHealthInformation.DataUnitsWritten), offset: 48, size: 16);
        layout.Expect(nameof(SmartHealthInformation.HostReadCommands), offset: 64, size: 16);
        layout.Expect(nameof(SmartHealthInformation.HostWriteCommands), offset: 80, size: 16);
        layout.Expect(nameof(SmartHealthInformation.ControllerBusyTime), offset: 96, size: 16);
        layout.Expect(nameof(SmartHealthInformation.PowerCycles), offset: 112, size: 16);
        layout.Expect(nameof(SmartHealthInformation.PowerOnHours), offset: 128, size: 16);
        layout.Expect(nameof(SmartHealthInformation.UnsafeShutdowns), offset: 144, size: 16);
        layout.Expect(nameof(SmartHealthInformation.MediaErrors), offset: 160, size: 16);
        layout.Expect(nameof(SmartHealthInformation.ErrorInformationEntries), offset: 176, size: 16);
        layout.Expect(nameof(SmartHealthInformation.WarningTemperatureTime), offset: 192, size: 4);
        layout.Expect(nameof(SmartHealthInformation.CriticalTemperatureTime), offset: 196, size: 4);
    }

    [Fact]
    public void Fields_of_FirmwareSlotInformation()
    {
        var layout = new StructureLayout<FirmwareSlotInformation>(512);
        layout.Expect(nameof(FirmwareSlotInformation.ActiveFirmwareInformation), offset: 0, size: 1);
        layout.Expect(nameof(FirmwareSlotInformation.Slot1), offset: 8, size: 8);
    }

    [Fact]
    public void Fields_of_CommandsSupportedAndEffects()
    {
        var layout = new StructureLayout<CommandsSupportedAndEffects>(4096);
        layout.Expect(nameof(CommandsSupportedAndEffects.Admin), offset: 0, size: 1024);
        layout.Expect(nameof(CommandsSupportedAndEffects.InputOutput), offset: 1024, size: 1024);
    }

    [Fact]
    public void Fields_of_AnaLogHeader()
    {
        var layout = new StructureLayout<AnaLogHeader>(16);
        layout.Expect(nameof(AnaLogHeader.ChangeCount), offset: 0, size: 8);
        layout.Expect(nameof(AnaLogHeader.GroupDescriptors), offset: 8, size: 2);
    }

    [Fact]
    public void Fields_of_AnaGroupDescriptor()
    {
        var layout = new StructureLayout<AnaGroupDescriptor>(32);
        layout.Expect(nameof(AnaGroupDescriptor.GroupId), offset: 0, size: 4);
        layout.Expect(nameof(AnaGroupDescriptor.NamespaceIds), offset: 4, size: 4);
        layout.Expect(nameof(AnaGroupDescriptor.ChangeCount), offset: 8, size: 8);
        layout.Expect(nameof(AnaGroupDescriptor.State), offset: 16, size: 1);
    }

    [Fact]
    public void Fields_of_DiscoveryLogHeader()
    {
        var layout = new StructureLayout<DiscoveryLogHeader>(1024);
        layout.Expect(nameof(DiscoveryLogHeader.GenerationCounter), offset: 0, size: 8);
        layout.Expect(nameof(DiscoveryLogHeader.Records), offset: 8, size: 8);
        layout.Expect(nameof(DiscoveryLogHeader.RecordFormat), offset: 16, size: 2);
    }

    [Fact]
    public void Fields_of_DiscoveryLogEntry()
    {
        var layout = new StructureLayout<DiscoveryLogEntry>(1024);
        layout.Expect(nameof(DiscoveryLogEntry.TransportType), offset: 0, size: 1);
        layout.Expect(nameof(DiscoveryLogEntry.AddressFamily), offset: 1, size: 1);
        layout.Expect(nameof(DiscoveryLogEntry.Subtype), offset: 2, size: 1);
        layout.Expect(nameof(DiscoveryLogEntry.Requirements), offset: 3, size: 1);
        layout.Expect(nameof(DiscoveryLogEntry.PortId), offset: 4, size: 2);
        layout.Expect(nameof(DiscoveryLogEntry.ControllerId), offset: 6, size: 2);
        layout.Expect(nameof(DiscoveryLogEntry.AdminMaxSubmissionQueueSize), offset: 8, size: 2);
        layout.Expect(nameof(DiscoveryLogEntry.Flags), offset: 10, size: 2);
        layout.Expect(nameof(DiscoveryLogEntry.TransportServiceId), offset: 32, size: 32);
        layout.Expect(nameof(DiscoveryLogEntry.SubsystemNqn), offset: 256, size: 256);
        layout.Expect(nameof(DiscoveryLogEntry.TransportAddress), offset: 512, size: 256);
        layout.Expect(nameof(DiscoveryLogEntry.TcpSecurityType), offset: 768, size: 1);
        layout.Expect(nameof(DiscoveryLogEntry.RdmaQueuePairType), offset: 768, size: 1);
        layout.Expect(nameof(DiscoveryLogEntry.RdmaProviderType), offset: 769, size: 1);
        layout.Expect(nameof(DiscoveryLogEntry.RdmaConnectionManagement), offset: 770, size: 1);
        layout.Expect(nameof(DiscoveryLogEntry.RdmaPartitionKey), offset: 776, size: 2);
    }
}
