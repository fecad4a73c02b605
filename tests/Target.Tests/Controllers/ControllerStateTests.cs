using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Controllers;

public class ControllerStateTests
{
    private const uint Ready = 1;
    private const uint Fatal = 2;
    private const uint ShutdownOccurring = 4;
    private const uint ShutdownComplete = 8;

    [Theory]
    [InlineData(0x0046_0011u)] // CSS
    [InlineData(0x0046_0081u)] // MPS
    [InlineData(0x0046_0801u)] // AMS
    [InlineData(0x0045_0001u)] // IOSQES
    [InlineData(0x0036_0001u)] // IOCQES
    [InlineData(0x0000_0001u)]
    public async Task A_configuration_that_cannot_be_is_fatal_until_reset(uint configuration)
    {
        await using var target = new TestTarget();
        TestHost host = await TestHost.ConnectAsync(target, TestTarget.SubsystemNqn, Commands.HostNqn);
        Assert.Equal(NvmeStatus.Success, (await host.SetPropertyAsync(PropertyOffset.Configuration, configuration)).Status);
        Assert.Equal(Fatal, await host.GetStatusAsync());
        Assert.Equal(NvmeStatus.CommandSequenceError, (await host.AdminAsync(Commands.Identify(IdentifyCns.Controller))).Code);
        await host.SetPropertyAsync(PropertyOffset.Configuration, 0);
        Assert.Equal(0u, await host.GetStatusAsync());
        await host.EnableAsync();
    }

    [Fact]
    public async Task Before_it_is_enabled_a_controller_knows_fabrics_commands_only()
    {
        await using var target = new TestTarget();
        TestHost host = await TestHost.ConnectAsync(target, TestTarget.SubsystemNqn, Commands.HostNqn);
        Assert.Equal(NvmeStatus.CommandSequenceError.WithDoNotRetry(), (await host.AdminAsync(Commands.Identify(IdentifyCns.Controller))).Status);
        Assert.Equal(NvmeStatus.CommandSequenceError.WithDoNotRetry(), (await host.AdminAsync(new HostRequest(Commands.Admin(AdminOpcode.KeepAlive)))).Status);
        Assert.Equal(NvmeStatus.CommandSequenceError.WithDoNotRetry(), (await host.AdminAsync(new HostRequest(Commands.Admin((AdminOpcode)0xC7)))).Status);
        await host.EnableAsync();
        await host.SucceedAsync(Commands.Identify(IdentifyCns.Controller));
    }

    [Theory]
    [InlineData(PropertyOffset.Capabilities, false)]
    [InlineData(PropertyOffset.Version, true)]
    [InlineData(PropertyOffset.Configuration, true)]
    [InlineData(PropertyOffset.Status, true)]
    [InlineData(PropertyOffset.ReadyTimeouts, true)]
    [InlineData(PropertyOffset.SubsystemReset, false)]
    [InlineData((PropertyOffset)0x24, false)]
    [InlineData((PropertyOffset)0xFFFF_FFFC, false)]
    public async Task Properties_have_their_sizes(PropertyOffset offset, bool wide)
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), (await host.AdminAsync(new HostRequest(Commands.PropertyGet(offset, wide)))).Status);
    }

    [Theory]
    [InlineData(PropertyOffset.Capabilities, true)]
    [InlineData(PropertyOffset.Version, false)]
    [InlineData(PropertyOffset.Configuration, true)]
    [InlineData(PropertyOffset.Status, false)]
    public async Task Only_CC_can_be_set(PropertyOffset offset, bool wide)
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), (await host.AdminAsync(new HostRequest(Commands.PropertySet(offset, 0, wide)))).Status);
        Assert.Equal(Ready, await host.GetStatusAsync());
    }

    [Fact]
    public async Task A_reset_ends_the_io_queues_and_nothing_else()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.NumberOfQueues, 0));
        FakeQueuePair io = await host.ConnectIoAsync();
        HostRequest aer = host.Send(host.Admin, new HostRequest(Commands.Admin(AdminOpcode.AsynchronousEventRequest)));
        await host.SetPropertyAsync(PropertyOffset.Configuration, 0x0046_0000);
        Assert.Equal(NvmeStatus.AbortRequested, (await aer.AnswerAsync()).Status);
        Assert.Equal(TeardownCause.ControllerDisabled, (await io.Closed).Cause);
        await TestTimeouts.UntilAsync(() => host.GetStatusAsync().Result == 0, "RDY = 0");
        await host.EnableAsync();

        // The number of queues is the default again.
        await host.ConnectIoAsync(5);
        Assert.Equal(QueuePairState.Live, host.Admin.Lifecycle.State);
    }

    [Fact]
    public async Task A_reset_is_not_over_while_a_write_can_still_reach_the_medium()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        host.Send(io, Commands.Write(0, new byte[512]));
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the write at the back end");
        await host.SetPropertyAsync(PropertyOffset.Configuration, 0x0046_0000);
        Assert.Equal(Ready, await host.GetStatusAsync());
        Assert.Equal(NvmeStatus.CommandSequenceError, (await host.AdminAsync(Commands.Identify(IdentifyCns.Controller))).Code);
        backend.Release();
        await TestTimeouts.UntilAsync(() => host.GetStatusAsync().Result == 0, "RDY = 0");
    }

    [Fact]
    public async Task A_reset_that_takes_too_long_is_fatal()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync(keepAlive: 0);
        FakeQueuePair io = await host.ConnectIoAsync();
        host.Send(io, Commands.Write(0, new byte[512]));
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the write at the back end");
        await host.SetPropertyAsync(PropertyOffset.Configuration, 0x0046_0000);
        target.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(Ready | Fatal, await host.GetStatusAsync());
        backend.Release();
    }

    [Fact]
    public async Task A_host_in_a_hurry_may_enable_during_the_reset()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        host.Send(io, Commands.Write(0, new byte[512]));
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the write at the back end");
        await host.SetPropertyAsync(PropertyOffset.Configuration, 0x0046_0000);
        await host.SetPropertyAsync(PropertyOffset.Configuration, TestHost.EnabledConfiguration);
        Assert.Equal(NvmeStatus.CommandSequenceError, (await host.AdminAsync(Commands.Identify(IdentifyCns.Controller))).Code);
        backend.Release();
        await TestTimeouts.UntilAsync(() => host.AdminAsync(Commands.Identify(IdentifyCns.Controller)).Result.Status.IsSuccess, "ready again");
    }

    [Theory]
    [InlineData(ShutdownNotification.Normal)]
    [InlineData(ShutdownNotification.Abrupt)]
    public async Task A_shutdown_is_complete_when_everything_is_flushed(ShutdownNotification notification)
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Holds = request => request.Operation == BackendOperation.Flush, Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        await host.SetPropertyAsync(PropertyOffset.Configuration, TestHost.EnabledConfiguration | ((uint)notification << 14));
        Assert.Equal(TeardownCause.ControllerShutdown, (await io.Closed).Cause);
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the flush");
        Assert.Equal(Ready | ShutdownOccurring, await host.GetStatusAsync());
        backend.Release();
        await TestTimeouts.UntilAsync(() => host.GetStatusAsync().Result == (Ready | ShutdownComplete), "SHST = 10b");
        Assert.Equal(NvmeStatus.CommandSequenceError, (await host.AdminAsync(Commands.Identify(IdentifyCns.Controller))).Code);

        // Out of a shutdown leads a reset.
        await host.SetPropertyAsync(PropertyOffset.Configuration, 0x0046_0000);
        Assert.Equal(0u, await host.GetStatusAsync());
        await host.EnableAsync();
        backend.Hold = false;
    }

    [Fact]
    public async Task A_controller_that_was_shut_down_and_reset_can_be_shut_down_again()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        await host.SetPropertyAsync(PropertyOffset.Configuration, TestHost.EnabledConfiguration | 0x4000);
        Assert.Equal(Ready | ShutdownComplete, await host.GetStatusAsync());
        await host.SetPropertyAsync(PropertyOffset.Configuration, 0x0046_0000);
        Assert.Equal(0u, await host.GetStatusAsync());
        await host.SetPropertyAsync(PropertyOffset.Configuration, 0x0046_4000);
        Assert.Equal(ShutdownComplete, await host.GetStatusAsync());
    }

    [Fact]
    public async Task The_flush_of_an_earlier_shutdown_completes_no_later_one()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Holds = request => request.Operation == BackendOperation.Flush, Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        await host.SetPropertyAsync(PropertyOffset.Configuration, TestHost.EnabledConfiguration | 0x4000);
        await host.SetPropertyAsync(PropertyOffset.Configuration, 0x0046_0000);
        await host.EnableAsync();
        await host.SetPropertyAsync(PropertyOffset.Configuration, TestHost.EnabledConfiguration | 0x4000);
        Assert.Equal(2, backend.Held);
        backend.Release(1);
        Assert.Equal(Ready | ShutdownOccurring, await host.GetStatusAsync());
        backend.Release();
        Assert.Equal(Ready | ShutdownComplete, await host.GetStatusAsync());
        backend.Hold = false;
    }

    [Fact]
    public async Task A_flush_that_fails_does_not_hold_up_a_shutdown()
    {
        await using var target = new TestTarget();
        var first = new GatedBackend { Exception = new InvalidOperationException("no") };
        var second = new GatedBackend { Error = NvmeStatus.WriteFault };
        target.Subsystem.AddNamespace(new NamespaceOptions(), first);
        target.Subsystem.AddNamespace(new NamespaceOptions(), second);
        TestHost host = await target.ConnectAsync();
        await host.SetPropertyAsync(PropertyOffset.Configuration, TestHost.EnabledConfiguration | 0x4000);
        Assert.Equal(Ready | ShutdownComplete, await host.GetStatusAsync());
        Assert.Equal(1, second.Submitted);
    }

    [Fact]
    public async Task A_controller_may_be_shut_down_before_it_was_enabled()
    {
        await using var target = new TestTarget();
        TestHost host = await TestHost.ConnectAsync(target, TestTarget.SubsystemNqn, Commands.HostNqn);
        await host.SetPropertyAsync(PropertyOffset.Configuration, 0x0046_4000);
        Assert.Equal(ShutdownComplete, await host.GetStatusAsync());
        await host.EnableAsync();
    }

    [Fact]
    public async Task The_end_of_the_admin_queue_pair_ends_the_association()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync(loop: target.AddLoop());
        host.Admin.Close(TeardownCause.ConnectionReset);
        Assert.Equal(TeardownCause.AssociationEnded, (await io.Closed).Cause);
        await host.Admin.Closed;
        await TestTimeouts.UntilAsync(() => target.Subsystem.Controllers.Count == 0, "no controller");
    }

    [Fact]
    public async Task The_end_of_an_io_queue_pair_ends_nothing_else()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair first = await host.ConnectIoAsync(1);
        FakeQueuePair second = await host.ConnectIoAsync(2);
        first.Close(TeardownCause.ConnectionReset);
        await first.Closed;
        target.AddMemory();
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(second, Commands.Read(0, 1))).Status);
        Assert.Equal(1, Assert.Single(target.Subsystem.Controllers).IoQueues);
    }
}
