using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Admin;

public class LogPageTests
{
    [Fact]
    public async Task Supported_pages_are_those_that_can_be_read()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        byte[] supported = (await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.SupportedLogPages, 1024))).Data;
        for (int page = 0; page < 256; page++)
        {
            Answer answer = await host.AdminAsync(Commands.GetLog((LogPageIdentifier)page, 512));
            Assert.Equal(supported[page * 4] == 1 ? NvmeStatus.Success : NvmeStatus.InvalidLogPage.WithDoNotRetry(), answer.Status);
        }

        Assert.Equal(10, Enumerable.Range(0, 256).Count(page => supported[page * 4] == 1));
    }

    [Fact]
    public async Task Without_ANA_there_is_no_ANA_page()
    {
        await using var target = new TestTarget(subsystem: options => options.AnaReporting = false);
        TestHost host = await target.ConnectAsync();
        Assert.Equal(NvmeStatus.InvalidLogPage.WithDoNotRetry(), (await host.AdminAsync(Commands.GetLog(LogPageIdentifier.AsymmetricNamespaceAccess, 64))).Status);
    }

    [Theory]
    [InlineData(1ul)]
    [InlineData(2ul)]
    [InlineData(516ul)]
    [InlineData(0xFFFF_FFFF_FFFF_FFFCul)]
    [InlineData(0x1_0000_0000ul)]
    public async Task Offsets_are_dwords_within_the_page(ulong offset)
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        Answer answer = await host.AdminAsync(Commands.GetLog(LogPageIdentifier.SmartHealthInformation, 4, offset));
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), answer.Status);
    }

    [Fact]
    public async Task Parts_add_up_to_the_page_and_zeroes_follow()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        byte[] whole = (await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.CommandsSupportedAndEffects, 4096))).Data;
        var parts = new List<byte>();
        for (ulong offset = 0; offset < 4096; offset += 512)
        {
            parts.AddRange((await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.CommandsSupportedAndEffects, 512, offset))).Data);
        }

        Assert.Equal(whole, parts);
        byte[] beyond = (await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.CommandsSupportedAndEffects, 8192, 1024))).Data;
        Assert.Equal(whole[1024..], beyond[..3072]);
        Assert.All(beyond[3072..], value => Assert.Equal(0, value));
        Assert.All((await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.CommandsSupportedAndEffects, 4, 4096))).Data, value => Assert.Equal(0, value));
    }

    [Fact]
    public async Task Length_and_SGL_must_agree()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        HostRequest log = Commands.GetLog(LogPageIdentifier.SmartHealthInformation, 512);
        Assert.Equal(NvmeStatus.DataSglLengthInvalid.WithDoNotRetry(), (await host.AdminAsync(new HostRequest(log.Entry) { DataLength = 508 })).Status);
        Assert.Equal(NvmeStatus.DataSglLengthInvalid.WithDoNotRetry(), (await host.AdminAsync(new HostRequest(log.Entry) { DataLength = 0 })).Status);
        ref GetLogPageCommand command = ref GetLogPageCommand.Edit(ref log.Entry);
        (command.DwordsLow, command.DwordsHigh) = (0xFFFF, 0xFFFF);
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), (await host.AdminAsync(new HostRequest(log.Entry) { DataLength = 0 })).Status);
    }

    [Fact]
    public async Task Pages_are_not_of_namespaces()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), (await host.AdminAsync(Commands.GetLog(LogPageIdentifier.SmartHealthInformation, 512, namespaceId: 1))).Status);
        await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.SmartHealthInformation, 512, namespaceId: 0));
    }

    [Fact]
    public async Task Errors_are_logged_newest_first()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync(2);
        await host.AdminAsync(Commands.Identify((IdentifyCns)0xEE));
        await host.IoAsync(io, Commands.Read(1 << 30, 1));
        byte[] page = (await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.ErrorInformation, 8192))).Data;
        var newest = WireStructure.Read<ErrorInformationEntry>(page);
        Assert.Equal((2ul, (ushort)2, NvmeStatus.LbaOutOfRange.WithDoNotRetry(), 1ul << 30, 1u), (newest.ErrorCount, newest.SubmissionQueueId, newest.Status, newest.Lba, newest.NamespaceId));
        var older = WireStructure.Read<ErrorInformationEntry>(page.AsSpan(64));
        Assert.Equal((1ul, (ushort)0, NvmeStatus.InvalidField.WithDoNotRetry()), (older.ErrorCount, older.SubmissionQueueId, older.Status));
        Assert.Equal(0ul, WireStructure.Read<ErrorInformationEntry>(page.AsSpan(128)).ErrorCount);
        for (int i = 0; i < 100; i++)
        {
            await host.AdminAsync(Commands.Identify((IdentifyCns)0xEE));
        }

        Assert.Equal(102ul, WireStructure.Read<ErrorInformationEntry>((await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.ErrorInformation, 64))).Data).ErrorCount);
    }

    [Fact]
    public async Task Health_counts_traffic_of_all_queues_past_and_present()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair first = await host.ConnectIoAsync(1);
        FakeQueuePair second = await host.ConnectIoAsync(2);
        await host.IoAsync(first, Commands.Write(0, new byte[512 * 1000]));
        await host.IoAsync(second, Commands.Read(0, 1001));
        first.Close(Abstractions.Lifecycle.TeardownCause.HostClosed);
        await first.Closed;
        target.Advance(TimeSpan.FromSeconds(2));
        var health = WireStructure.Read<SmartHealthInformation>((await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.SmartHealthInformation, 512))).Data);
        Assert.Equal((1, 2, 1, 1), ((int)health.DataUnitsWritten.Value, (int)health.DataUnitsRead.Value, (int)health.HostWriteCommands.Value, (int)health.HostReadCommands.Value));
        Assert.Equal(100, health.AvailableSpare);
        Assert.Equal(CriticalWarnings.None, health.CriticalWarnings);
    }

    [Fact]
    public async Task Firmware_is_in_slot_one()
    {
        await using var target = new TestTarget(subsystem: options => options.FirmwareRevision = "7.7");
        TestHost host = await target.ConnectAsync();
        var page = WireStructure.Read<FirmwareSlotInformation>((await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.FirmwareSlotInformation, 512))).Data);
        Assert.Equal(1, page.ActiveFirmwareInformation);
        Assert.Equal("7.7", page.Slot1.ToString());
    }
}
