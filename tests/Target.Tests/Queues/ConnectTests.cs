using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Queues;

public class ConnectTests
{
    private const uint InData = 0x1_0000;

    [Fact]
    public async Task Nothing_but_Connect_comes_first()
    {
        await using var target = new TestTarget();
        FakeQueuePair queue = target.Open();
        Answer property = await queue.Send(new HostRequest(Commands.PropertyGet(PropertyOffset.Capabilities, wide: true))).AnswerAsync();
        Answer identify = await queue.Send(Commands.Identify(IdentifyCns.Controller)).AnswerAsync();
        Answer read = await queue.Send(Commands.Read(0, 1)).AnswerAsync();
        Assert.All([property, identify, read], answer => Assert.Equal(NvmeStatus.CommandSequenceError.WithDoNotRetry(), answer.Status));
        Assert.Null(queue.Parameters);

        // The queue is still good for a Connect.
        await AssertConnectsAsync(queue, Commands.Connect(0), Commands.ConnectData(TestTarget.SubsystemNqn));
    }

    [Fact]
    public async Task A_removed_port_refuses_for_now_and_what_is_connected_goes_on()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        target.Target.RemovePort(target.Port);
        foreach (string nqn in new[] { TestTarget.SubsystemNqn, Nqn.Discovery })
        {
            Answer refused = await target.Open().Send(Commands.Connect(Commands.Connect(0), Commands.ConnectData(nqn))).AnswerAsync();
            Assert.Equal(NvmeStatus.ConnectControllerBusy, refused.Status);
        }

        Answer second = await target.Open().Send(
            Commands.Connect(Commands.Connect(2), Commands.ConnectData(TestTarget.SubsystemNqn, host.ControllerId))).AnswerAsync();
        Assert.Equal(NvmeStatus.ConnectControllerBusy, second.Status);
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Read(0, 1))).Status);
    }

    [Fact]
    public async Task Of_two_Connects_at_a_time_the_second_is_out_of_sequence()
    {
        await using var target = new TestTarget();
        FakeQueuePair queue = target.Open();
        ConnectData connectData = Commands.ConnectData(TestTarget.SubsystemNqn);
        byte[] data = WireStructure.AsBytes(in connectData).ToArray();
        HostRequest[] connects = [new(Commands.Connect(0)) { HostData = data, WithholdData = true }, new(Commands.Connect(0)) { HostData = data, WithholdData = true }];
        connects[1].Entry.CommandId = 1;
        foreach (HostRequest connect in connects)
        {
            queue.Send(connect);
        }

        // A transport may have both fetched at the same time.
        foreach (HostRequest connect in connects)
        {
            queue.DeliverData(connect);
        }

        Assert.Equal(NvmeStatus.Success, (await connects[0].AnswerAsync()).Status);
        Assert.Equal(NvmeStatus.CommandSequenceError.WithDoNotRetry(), (await connects[1].AnswerAsync()).Status);
        Assert.Single(target.Subsystem.Controllers);
        queue.Close(TeardownCause.HostClosed);
        await queue.Closed;
        await TestTimeouts.UntilAsync(() => target.Subsystem.Controllers.Count == 0, "no controller");
    }

    [Fact]
    public async Task A_second_Connect_is_out_of_sequence()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        Answer answer = await host.AdminAsync(Commands.Connect(Commands.Connect(0), Commands.ConnectData(TestTarget.SubsystemNqn)));
        Assert.Equal(NvmeStatus.CommandSequenceError.WithDoNotRetry(), answer.Status);
        FakeQueuePair io = await host.ConnectIoAsync();
        Answer again = await io.Send(Commands.Connect(Commands.Connect(1), Commands.ConnectData(TestTarget.SubsystemNqn, host.ControllerId))).AnswerAsync();
        Assert.Equal(NvmeStatus.CommandSequenceError.WithDoNotRetry(), again.Status);
    }

    [Fact]
    public async Task The_fabrics_opcode_without_the_data_of_a_Connect_is_an_invalid_opcode()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        var entry = new SubmissionQueueEntry { Opcode = 0x7F, Flags = SubmissionQueueEntryExtensions.SglFlags, NamespaceId = 1 };
        foreach (FakeQueuePair queue in new[] { host.Admin, io })
        {
            Answer answer = await host.IoAsync(queue, new HostRequest(entry));
            Assert.Equal((NvmeStatus.InvalidOpcode.WithDoNotRetry(), 0u), (answer.Status, answer.Completion.Dword0));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Connect_data_may_come_in_the_capsule_or_later(bool inCapsule)
    {
        await using var target = new TestTarget();
        FakeQueuePair queue = target.Open();
        Answer answer = await queue.Send(Commands.Connect(Commands.Connect(0), Commands.ConnectData(TestTarget.SubsystemNqn), inCapsule)).AnswerAsync();
        Assert.Equal(NvmeStatus.Success, answer.Status);
        Assert.Equal(1, answer.Completion.SubmissionQueueHead);
        Assert.Equal(new QueuePairParameters(0, 32, false), queue.Parameters);
    }

    [Fact]
    public async Task Flow_control_can_be_switched_off()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync(attributes: ConnectAttributes.DisableFlowControl);
        Assert.True(io.Parameters!.Value.SubmissionQueueFlowControlDisabled);
        Assert.Equal(0xFFFF, (await host.IoAsync(io, Commands.Flush())).Completion.SubmissionQueueHead);
    }

    [Fact]
    public async Task An_unknown_record_format_is_incompatible()
    {
        SubmissionQueueEntry entry = Commands.Connect(0);
        ConnectCommand.Edit(ref entry).RecordFormat = 1;
        await AssertRefusedAsync(entry, Commands.ConnectData(TestTarget.SubsystemNqn), NvmeStatus.ConnectIncompatibleFormat, 0);
    }

    [Theory]
    [InlineData(0, 0, 44u)]
    [InlineData(0, 128, 44u)]
    [InlineData(1, 0, 44u)]
    [InlineData(1, 128, 44u)]
    public Task Queue_sizes_have_limits(ushort queueId, ushort size, uint result) =>
        AssertRefusedAsync(Commands.Connect(queueId, size), Commands.ConnectData(TestTarget.SubsystemNqn), NvmeStatus.ConnectInvalidParameters, result);

    [Fact]
    public Task An_unknown_subsystem_is_named() =>
        AssertRefusedAsync(Commands.Connect(0), Commands.ConnectData("nqn.2025-06.test:other"), NvmeStatus.ConnectInvalidParameters, InData | 256);

    [Fact]
    public async Task An_unterminated_subsystem_name_is_refused()
    {
        ConnectData data = Commands.ConnectData(TestTarget.SubsystemNqn);
        Commands.FillUnterminated(data.SubsystemNqn.Bytes);
        await AssertRefusedAsync(Commands.Connect(0), data, NvmeStatus.ConnectInvalidParameters, InData | 256);
    }

    [Fact]
    public async Task An_unterminated_host_name_is_refused()
    {
        ConnectData data = Commands.ConnectData(TestTarget.SubsystemNqn);
        Commands.FillUnterminated(data.HostNqn.Bytes);
        await AssertRefusedAsync(Commands.Connect(0), data, NvmeStatus.ConnectInvalidParameters, InData | 512);
    }

    [Theory]
    [InlineData((ushort)0)]
    [InlineData((ushort)1)]
    [InlineData((ushort)0xFFFE)]
    public Task Controllers_are_dynamic(ushort controllerId) =>
        AssertRefusedAsync(Commands.Connect(0), Commands.ConnectData(TestTarget.SubsystemNqn, controllerId), NvmeStatus.ConnectInvalidParameters, InData | 16);

    [Fact]
    public Task Discovery_has_no_io_queues() =>
        AssertRefusedAsync(Commands.Connect(1), Commands.ConnectData(Nqn.Discovery, 1), NvmeStatus.ConnectInvalidParameters, 42);

    [Fact]
    public async Task Data_must_have_1024_bytes()
    {
        await using var target = new TestTarget();
        FakeQueuePair queue = target.Open();
        var request = new HostRequest(Commands.Connect(0)) { HostData = new byte[1020], InCapsule = true };
        Assert.Equal(NvmeStatus.DataSglLengthInvalid.WithDoNotRetry(), (await queue.Send(request).AnswerAsync()).Status);
    }

    [Fact]
    public async Task An_empty_host_name_is_fine_unless_hosts_are_listed()
    {
        await using (var target = new TestTarget())
        {
            await AssertConnectsAsync(target.Open(), Commands.Connect(0), Commands.ConnectData(TestTarget.SubsystemNqn, hostNqn: ""));
        }

        await using var strict = new TestTarget(subsystem: options => options.AllowedHosts.Add(Commands.HostNqn));
        Answer refused = await strict.Open().Send(Commands.Connect(Commands.Connect(0), Commands.ConnectData(TestTarget.SubsystemNqn, hostNqn: ""))).AnswerAsync();
        Assert.Equal(NvmeStatus.ConnectInvalidHost.WithDoNotRetry(), refused.Status);
        await AssertConnectsAsync(strict.Open(), Commands.Connect(0), Commands.ConnectData(TestTarget.SubsystemNqn));
    }

    [Fact]
    public async Task A_full_subsystem_is_busy_for_now()
    {
        await using var target = new TestTarget(subsystem: options => options.MaxControllers = 1);
        TestHost first = await target.ConnectAsync();
        HostRequest connect = Commands.Connect(Commands.Connect(0), Commands.ConnectData(TestTarget.SubsystemNqn));
        Assert.Equal(NvmeStatus.ConnectControllerBusy, (await target.Open().Send(connect).AnswerAsync()).Status);
        await first.CloseAsync();
        await target.ConnectAsync();
    }

    [Fact]
    public async Task Identifiers_go_round()
    {
        await using var target = new TestTarget(subsystem: options => (options.MinControllerId, options.MaxControllerId) = (10, 12));
        TestHost first = await target.ConnectAsync();
        TestHost second = await target.ConnectAsync();
        await first.CloseAsync();
        TestHost third = await target.ConnectAsync();
        TestHost fourth = await target.ConnectAsync();
        Assert.Equal([10, 11, 12, 10], [first.ControllerId, second.ControllerId, third.ControllerId, fourth.ControllerId]);
    }

    private static async Task AssertConnectsAsync(FakeQueuePair queue, SubmissionQueueEntry entry, ConnectData data)
    {
        Answer answer = await queue.Send(Commands.Connect(entry, data)).AnswerAsync();
        Assert.Equal(NvmeStatus.Success, answer.Status);
        Assert.NotNull(queue.Parameters);
    }

    private static async Task AssertRefusedAsync(SubmissionQueueEntry entry, ConnectData data, NvmeStatus status, uint result)
    {
        await using var target = new TestTarget();
        await AssertRefusedAsync(target, entry, data, status.WithDoNotRetry(), result);
    }

    internal static async Task AssertRefusedAsync(TestTarget target, SubmissionQueueEntry entry, ConnectData data, NvmeStatus status, uint result)
    {
        FakeQueuePair queue = target.Open();
        Answer answer = await queue.Send(Commands.Connect(entry, data)).AnswerAsync();
        Assert.Equal(status, answer.Status);
        Assert.Equal(result, answer.Completion.Dword0);
        Assert.Null(queue.Parameters);
    }
}
