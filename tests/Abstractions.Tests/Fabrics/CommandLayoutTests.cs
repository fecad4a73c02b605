using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Abstractions.Tests.Fabrics;

// Offsets and sizes of queue entries, of the views of commands and of their data.
public class CommandLayoutTests
{
    [Fact]
    public void Fields_of_SubmissionQueueEntry()
    {
        var layout = new StructureLayout<SubmissionQueueEntry>(64);
        layout.Expect(nameof(SubmissionQueueEntry.Opcode), offset: 0, size: 1);
        layout.Expect(nameof(SubmissionQueueEntry.Flags), offset: 1, size: 1);
        layout.Expect(nameof(SubmissionQueueEntry.CommandId), offset: 2, size: 2);
        layout.Expect(nameof(SubmissionQueueEntry.NamespaceId), offset: 4, size: 4);
        layout.Expect(nameof(SubmissionQueueEntry.FabricsCommandType), offset: 4, size: 1);
        layout.Expect(nameof(SubmissionQueueEntry.Dword2), offset: 8, size: 4);
        layout.Expect(nameof(SubmissionQueueEntry.Dword3), offset: 12, size: 4);
        layout.Expect(nameof(SubmissionQueueEntry.MetadataPointer), offset: 16, size: 8);
        layout.Expect(nameof(SubmissionQueueEntry.Sgl), offset: 24, size: 16);
        layout.Expect(nameof(SubmissionQueueEntry.Dword10), offset: 40, size: 4);
        layout.Expect(nameof(SubmissionQueueEntry.Dword11), offset: 44, size: 4);
        layout.Expect(nameof(SubmissionQueueEntry.Dword12), offset: 48, size: 4);
        layout.Expect(nameof(SubmissionQueueEntry.Dword13), offset: 52, size: 4);
        layout.Expect(nameof(SubmissionQueueEntry.Dword14), offset: 56, size: 4);
        layout.Expect(nameof(SubmissionQueueEntry.Dword15), offset: 60, size: 4);
        layout.Expect(nameof(SubmissionQueueEntry.StartingLba), offset: 40, size: 8);
    }

    [Fact]
    public void Fields_of_CompletionQueueEntry()
    {
        var layout = new StructureLayout<CompletionQueueEntry>(16);
        layout.Expect(nameof(CompletionQueueEntry.Result), offset: 0, size: 8);
        layout.Expect(nameof(CompletionQueueEntry.Dword0), offset: 0, size: 4);
        layout.Expect(nameof(CompletionQueueEntry.Dword1), offset: 4, size: 4);
        layout.Expect(nameof(CompletionQueueEntry.SubmissionQueueHead), offset: 8, size: 2);
        layout.Expect(nameof(CompletionQueueEntry.SubmissionQueueId), offset: 10, size: 2);
        layout.Expect(nameof(CompletionQueueEntry.CommandId), offset: 12, size: 2);
    }

    [Fact]
    public void Fields_of_SglDescriptor()
    {
        var layout = new StructureLayout<SglDescriptor>(16);
        layout.Expect(nameof(SglDescriptor.Address), offset: 0, size: 8);
        layout.Expect(nameof(SglDescriptor.Length), offset: 8, size: 4);
        layout.Expect(nameof(SglDescriptor.Identifier), offset: 15, size: 1);
    }

    [Fact]
    public void Fields_of_AuthenticationCommand()
    {
        var layout = new StructureLayout<AuthenticationCommand>(64);
        layout.Expect(nameof(AuthenticationCommand.Specific0), offset: 41, size: 1);
        layout.Expect(nameof(AuthenticationCommand.Specific1), offset: 42, size: 1);
        layout.Expect(nameof(AuthenticationCommand.SecurityProtocol), offset: 43, size: 1);
        layout.Expect(nameof(AuthenticationCommand.Length), offset: 44, size: 4);
    }

    [Fact]
    public void Fields_of_ConnectCommand()
    {
        var layout = new StructureLayout<ConnectCommand>(64);
        layout.Expect(nameof(ConnectCommand.RecordFormat), offset: 40, size: 2);
        layout.Expect(nameof(ConnectCommand.QueueId), offset: 42, size: 2);
        layout.Expect(nameof(ConnectCommand.SubmissionQueueSize), offset: 44, size: 2);
        layout.Expect(nameof(ConnectCommand.Attributes), offset: 46, size: 1);
        layout.Expect(nameof(ConnectCommand.KeepAliveTimeout), offset: 48, size: 4);
    }

    [Fact]
    public void Fields_of_ConnectData()
    {
        var layout = new StructureLayout<ConnectData>(1024);
        layout.Expect(nameof(ConnectData.HostId), offset: 0, size: 16);
        layout.Expect(nameof(ConnectData.ControllerId), offset: 16, size: 2);
        layout.Expect(nameof(ConnectData.SubsystemNqn), offset: 256, size: 256);
        layout.Expect(nameof(ConnectData.HostNqn), offset: 512, size: 256);
    }

    [Fact]
    public void Fields_of_PropertyCommand()
    {
        var layout = new StructureLayout<PropertyCommand>(64);
        layout.Expect(nameof(PropertyCommand.Attributes), offset: 40, size: 1);
        layout.Expect(nameof(PropertyCommand.Offset), offset: 44, size: 4);
        layout.Expect(nameof(PropertyCommand.Value), offset: 48, size: 8);
    }

    [Fact]
    public void Fields_of_IdentifyCommand()
    {
        var layout = new StructureLayout<IdentifyCommand>(64);
        layout.Expect(nameof(IdentifyCommand.Cns), offset: 40, size: 1);
        layout.Expect(nameof(IdentifyCommand.ControllerId), offset: 42, size: 2);
        layout.Expect(nameof(IdentifyCommand.CnsSpecificIdentifier), offset: 44, size: 2);
        layout.Expect(nameof(IdentifyCommand.CommandSet), offset: 47, size: 1);
        layout.Expect(nameof(IdentifyCommand.UuidIndex), offset: 56, size: 1);
    }

    [Fact]
    public void Fields_of_GetLogPageCommand()
    {
        var layout = new StructureLayout<GetLogPageCommand>(64);
        layout.Expect(nameof(GetLogPageCommand.LogPage), offset: 40, size: 1);
        layout.Expect(nameof(GetLogPageCommand.DwordsLow), offset: 42, size: 2);
        layout.Expect(nameof(GetLogPageCommand.DwordsHigh), offset: 44, size: 2);
        layout.Expect(nameof(GetLogPageCommand.LogSpecificIdentifier), offset: 46, size: 2);
        layout.Expect(nameof(GetLogPageCommand.Offset), offset: 48, size: 8);
        layout.Expect(nameof(GetLogPageCommand.UuidIndex), offset: 56, size: 1);
        layout.Expect(nameof(GetLogPageCommand.CommandSet), offset: 59, size: 1);
    }

    [Fact]
    public void Fields_of_FeatureCommand()
    {
        var layout = new StructureLayout<FeatureCommand>(64);
        layout.Expect(nameof(FeatureCommand.Feature), offset: 40, size: 1);
        layout.Expect(nameof(FeatureCommand.Value), offset: 44, size: 4);
        layout.Expect(nameof(FeatureCommand.UuidIndex), offset: 56, size: 1);
    }

    [Fact]
    public void Fields_of_AbortCommand()
    {
        var layout = new StructureLayout<AbortCommand>(64);
        layout.Expect(nameof(AbortCommand.SubmissionQueueId), offset: 40, size: 2);
        layout.Expect(nameof(AbortCommand.CommandToAbort), offset: 42, size: 2);
    }

    [Fact]
    public void Fields_of_InputOutputCommand()
    {
        var layout = new StructureLayout<InputOutputCommand>(64);
        layout.Expect(nameof(InputOutputCommand.NamespaceId), offset: 4, size: 4);
        layout.Expect(nameof(InputOutputCommand.StartingLba), offset: 40, size: 8);
        layout.Expect(nameof(InputOutputCommand.BlocksZeroBased), offset: 48, size: 2);
        layout.Expect(nameof(InputOutputCommand.Control), offset: 50, size: 2);
        layout.Expect(nameof(InputOutputCommand.DatasetManagement), offset: 52, size: 4);
    }

    [Fact]
    public void Fields_of_DatasetManagementCommand()
    {
        var layout = new StructureLayout<DatasetManagementCommand>(64);
        layout.Expect(nameof(DatasetManagementCommand.RangesZeroBased), offset: 40, size: 1);
        layout.Expect(nameof(DatasetManagementCommand.Attributes), offset: 44, size: 4);
    }

    [Fact]
    public void Fields_of_DatasetManagementRange()
    {
        var layout = new StructureLayout<DatasetManagementRange>(16);
        layout.Expect(nameof(DatasetManagementRange.ContextAttributes), offset: 0, size: 4);
        layout.Expect(nameof(DatasetManagementRange.Blocks), offset: 4, size: 4);
        layout.Expect(nameof(DatasetManagementRange.StartingLba), offset: 8, size: 8);
    }

    [Fact]
    public void Fields_of_CopyCommand()
    {
        var layout = new StructureLayout<CopyCommand>(64);
        layout.Expect(nameof(CopyCommand.DestinationLba), offset: 40, size: 8);
        layout.Expect(nameof(CopyCommand.RangesZeroBased), offset: 48, size: 1);
        layout.Expect(nameof(CopyCommand.Control), offset: 50, size: 2);
    }

    [Fact]
    public void Fields_of_CopyDescriptor()
    {
        var layout = new StructureLayout<CopyDescriptor>(32);
        layout.Expect(nameof(CopyDescriptor.StartingLba), offset: 8, size: 8);
        layout.Expect(nameof(CopyDescriptor.Blocks), offset: 16, size: 2);
        layout.Expect(nameof(CopyDescriptor.ExpectedReferenceTag), offset: 24, size: 4);
        layout.Expect(nameof(CopyDescriptor.ExpectedApplicationTag), offset: 28, size: 2);
        layout.Expect(nameof(CopyDescriptor.ExpectedApplicationTagMask), offset: 30, size: 2);
    }

    [Fact]
    public void Fields_of_HostBehaviorSupport()
    {
        var layout = new StructureLayout<HostBehaviorSupport>(512);
        layout.Expect(nameof(HostBehaviorSupport.AdvancedCommandRetry), offset: 0, size: 1);
        layout.Expect(nameof(HostBehaviorSupport.ExtendedTelemetryDataArea4), offset: 1, size: 1);
        layout.Expect(nameof(HostBehaviorSupport.ExtendedLbaFormats), offset: 2, size: 1);
    }

    [Fact]
    public void Fields_of_TimestampData()
    {
        var layout = new StructureLayout<TimestampData>(8);
        layout.Expect(nameof(TimestampData.Attributes), offset: 6, size: 1);
    }
}
