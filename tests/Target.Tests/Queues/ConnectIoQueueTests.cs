using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Queues;

/// <summary>Connect of I/O queues.</summary>
public class ConnectIoQueueTests
{
    private const uint InData = 0x1_0000;

    [Fact]
    public async Task Io_queues_belong_to_the_host_and_the_port_of_their_controller()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        await ConnectTests.AssertRefusedAsync(target, Commands.Connect(1), Commands.ConnectData(TestTarget.SubsystemNqn, 999), NvmeStatus.ConnectInvalidParameters, InData | 16);
        await ConnectTests.AssertRefusedAsync(
            target,
            Commands.Connect(1),
            Commands.ConnectData(TestTarget.SubsystemNqn, host.ControllerId, hostId: Guid.NewGuid()),
            NvmeStatus.ConnectInvalidParameters.WithDoNotRetry(),
            InData);
        await ConnectTests.AssertRefusedAsync(
            target,
            Commands.Connect(1),
            Commands.ConnectData(TestTarget.SubsystemNqn, host.ControllerId, "nqn.2025-06.test:host"),
            NvmeStatus.ConnectInvalidParameters.WithDoNotRetry(),
            InData | 512);
        TargetPort other = target.Target.AddPort(new TargetPortOptions { Address = "192.0.2.8", ServiceId = "4420" });
        Answer wrongPort = await target.Open(other)
            .Send(Commands.Connect(Commands.Connect(1), Commands.ConnectData(TestTarget.SubsystemNqn, host.ControllerId))).AnswerAsync();
        Assert.Equal(NvmeStatus.ConnectInvalidParameters.WithDoNotRetry(), wrongPort.Status);
    }

    [Fact]
    public async Task Io_queues_wait_for_the_controller_to_be_ready()
    {
        await using var target = new TestTarget();
        TestHost host = await TestHost.ConnectAsync(target, TestTarget.SubsystemNqn, Commands.HostNqn);
        ConnectData data = Commands.ConnectData(TestTarget.SubsystemNqn, host.ControllerId);
        await ConnectTests.AssertRefusedAsync(target, Commands.Connect(1), data, NvmeStatus.ConnectInvalidParameters, 42);
        await host.EnableAsync();
        await host.ConnectIoAsync(1);
    }

    [Fact]
    public async Task A_queue_identifier_is_used_once_at_a_time()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync(1);
        ConnectData data = Commands.ConnectData(TestTarget.SubsystemNqn, host.ControllerId);
        await ConnectTests.AssertRefusedAsync(target, Commands.Connect(1), data, NvmeStatus.CommandSequenceError.WithDoNotRetry(), 0);
        io.Close(TeardownCause.HostClosed);
        await io.Closed;
        await host.ConnectIoAsync(1);
    }

    [Fact]
    public async Task A_queue_that_is_still_ending_keeps_its_identifier()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync(1);
        host.Send(io, Commands.Write(0, new byte[512]));
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the write at the back end");
        io.Close(TeardownCause.HostClosed);
        ConnectData data = Commands.ConnectData(TestTarget.SubsystemNqn, host.ControllerId);
        await ConnectTests.AssertRefusedAsync(target, Commands.Connect(1), data, NvmeStatus.ConnectControllerBusy, 0);
        backend.Release();
        await io.Closed;
        await host.ConnectIoAsync(1);
    }

    [Fact]
    public async Task Queue_identifiers_end_at_the_number_of_queues()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.NumberOfQueues, 0x0001_0001));
        await host.ConnectIoAsync(2);
        await ConnectTests.AssertRefusedAsync(
            target, Commands.Connect(3), Commands.ConnectData(TestTarget.SubsystemNqn, host.ControllerId), NvmeStatus.ConnectInvalidParameters.WithDoNotRetry(), 42);
    }
}
