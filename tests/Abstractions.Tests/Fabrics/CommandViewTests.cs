using System.Buffers.Binary;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Abstractions.Tests.Fabrics;

public class CommandViewTests
{
    private static uint Dword(in SubmissionQueueEntry entry, int number) =>
        BinaryPrimitives.ReadUInt32LittleEndian(WireStructure.AsBytes(in entry)[(number * 4)..]);

    [Fact]
    public void Get_log_page()
    {
        SubmissionQueueEntry entry = default;
        ref GetLogPageCommand command = ref GetLogPageCommand.Edit(ref entry);
        command.LogPage = LogPageIdentifier.Discovery;
        command.LogSpecificParameter = 0x55;
        command.RetainAsynchronousEvent = true;
        command.LengthInBytes = 0x12345678;
        command.Offset = 0x1_0000_0400;

        Assert.Equal(0x159D_D570u, Dword(entry, 10));
        Assert.Equal(0x48Du & 0xFFFF, Dword(entry, 11) & 0xFFFF);
        Assert.Equal(0x400u, Dword(entry, 12));
        Assert.Equal(1u, Dword(entry, 13));
        Assert.Equal(0x12345678UL, GetLogPageCommand.Of(in entry).LengthInBytes);
        Assert.True(command.RetainAsynchronousEvent);
        Assert.Equal(0x55, command.LogSpecificParameter);
        command.RetainAsynchronousEvent = false;
        Assert.Equal(0x55, command.LogSpecificParameter);
        Assert.False(command.OffsetIsIndex);
        entry.Dword14 = 1u << 23;
        Assert.True(command.OffsetIsIndex);
    }

    [Fact]
    public void Largest_log_page_length_does_not_overflow()
    {
        SubmissionQueueEntry entry = new() { Dword10 = 0xFFFF_0000, Dword11 = 0xFFFF };
        Assert.Equal(1UL << 34, GetLogPageCommand.Of(in entry).LengthInBytes);
    }

    [Fact]
    public void Features()
    {
        SubmissionQueueEntry entry = default;
        ref FeatureCommand command = ref FeatureCommand.Edit(ref entry);
        command.Feature = FeatureIdentifier.KeepAliveTimer;
        command.Select = FeatureSelect.SupportedCapabilities;
        command.Save = true;
        command.Value = 5000;

        Assert.Equal(0x8000_030Fu, Dword(entry, 10));
        Assert.Equal(5000u, Dword(entry, 11));
        Assert.Equal(FeatureSelect.SupportedCapabilities, command.Select);
        Assert.True(command.Save);
    }

    [Fact]
    public void Read_write_bits()
    {
        SubmissionQueueEntry entry = default;
        ref InputOutputCommand command = ref InputOutputCommand.Edit(ref entry);
        command.StartingLba = 0x1122334455667788;
        command.Blocks = 65536;
        Assert.Equal(0xFFFFu, Dword(entry, 12));
        Assert.Equal(65536u, command.Blocks);
        command.Blocks = 1;
        command.ForceUnitAccess = true;
        Assert.Equal(1u << 30, Dword(entry, 12));
        command.ForceUnitAccess = false;
        command.Deallocate = true;
        Assert.Equal(1u << 25, Dword(entry, 12));
        Assert.True(command.Deallocate);
        Assert.Equal(0x55667788u, Dword(entry, 10));

        entry.Dword12 = 1u << 31;
        Assert.True(command.LimitedRetry);
        Assert.False(command.UsesProtectionInformation);
        foreach (int bit in new[] { 26, 27, 28, 29 })
        {
            entry.Dword12 = 1u << bit;
            Assert.True(command.UsesProtectionInformation);
        }
    }

    [Fact]
    public void Copy_and_dataset_management()
    {
        SubmissionQueueEntry entry = default;
        CopyCommand.Edit(ref entry).Ranges = 256;
        CopyCommand.Edit(ref entry).DescriptorFormat = 2;
        Assert.Equal(0x2FFu, Dword(entry, 12));
        Assert.False(CopyCommand.Of(in entry).UsesProtectionInformation);
        entry.Dword12 |= 1u << 12;
        Assert.True(CopyCommand.Of(in entry).UsesProtectionInformation);
        entry.Dword12 = 1u << 29;
        Assert.True(CopyCommand.Of(in entry).UsesProtectionInformation);
        entry.Dword12 = 1u << 30;
        Assert.True(CopyCommand.Of(in entry).ForceUnitAccess);
        Assert.False(CopyCommand.Of(in entry).UsesProtectionInformation);

        entry = default;
        DatasetManagementCommand.Edit(ref entry).Ranges = 3;
        DatasetManagementCommand.Edit(ref entry).Attributes = DatasetManagementAttributes.Deallocate;
        Assert.Equal(2u, Dword(entry, 10));
        Assert.Equal(4u, Dword(entry, 11));
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 8)]
    [InlineData(2, 0)]
    [InlineData(9, 8)]
    public void Property_size(byte attributes, int size)
    {
        SubmissionQueueEntry entry = default;
        PropertyCommand.Edit(ref entry).Attributes = attributes;
        Assert.Equal(size, PropertyCommand.Of(in entry).PropertySize);
    }

    [Fact]
    public void Data_direction_follows_the_opcode_or_the_fabrics_command_type()
    {
        Assert.Equal(DataDirection.HostToController, new SubmissionQueueEntry { Opcode = (byte)InputOutputOpcode.Write }.GetDataDirection());
        Assert.Equal(DataDirection.ControllerToHost, new SubmissionQueueEntry { Opcode = (byte)InputOutputOpcode.Read }.GetDataDirection());
        Assert.Equal(DataDirection.None, new SubmissionQueueEntry { Opcode = (byte)InputOutputOpcode.Flush }.GetDataDirection());
        Assert.Equal(
            DataDirection.HostToController,
            new SubmissionQueueEntry { Opcode = 0x7F, FabricsCommandType = FabricsCommandType.Connect }.GetDataDirection());
        Assert.Equal(
            DataDirection.None,
            new SubmissionQueueEntry { Opcode = 0x7F, FabricsCommandType = FabricsCommandType.PropertyGet }.GetDataDirection());
    }

    [Fact]
    public void Flags_of_the_entry()
    {
        Assert.True(new SubmissionQueueEntry { Flags = 0x40 }.UsesSgl());
        Assert.False(new SubmissionQueueEntry { Flags = 0x00 }.UsesSgl());
        Assert.False(new SubmissionQueueEntry { Flags = 0x80 }.UsesSgl());
        Assert.True(new SubmissionQueueEntry { Flags = 0x41 }.IsFused());
        Assert.False(new SubmissionQueueEntry { Flags = 0x40 }.IsFused());
    }

    [Fact]
    public void Connect_results()
    {
        Assert.Equal(0x0000_0007u, ConnectResult.Success(7));
        Assert.Equal(0x0000_002Au, ConnectResult.InvalidCommandByte(42));
        Assert.Equal(0x0001_0200u, ConnectResult.InvalidDataByte(512));
    }
}
