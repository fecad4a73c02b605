using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Controllers;

public class KeepAliveTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Silence_ends_the_association(bool trafficBased)
    {
        await using var target = new TestTarget(options => options.TrafficBasedKeepAlive = trafficBased);
        TestHost host = await target.ConnectAsync(keepAlive: 5000);
        FakeQueuePair io = await host.ConnectIoAsync();
        target.Advance(TimeSpan.FromSeconds(4.4));
        Assert.Equal(QueuePairState.Live, host.Admin.Lifecycle.State);
        target.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TeardownCause.KeepAliveExpired, (await host.Admin.Closed).Cause);
        Assert.Equal(TeardownCause.KeepAliveExpired, (await io.Closed).Cause);
    }

    [Fact]
    public async Task Never_before_the_timeout()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync(keepAlive: 5000);
        target.Advance(TimeSpan.FromSeconds(5));
        await target.Loop.SettleAsync();
        Assert.Equal(QueuePairState.Live, host.Admin.Lifecycle.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Keep_Alive_keeps_alive(bool trafficBased)
    {
        await using var target = new TestTarget(options => options.TrafficBasedKeepAlive = trafficBased);
        TestHost host = await target.ConnectAsync(keepAlive: 5000);
        for (int i = 0; i < 10; i++)
        {
            target.Advance(TimeSpan.FromSeconds(3));
            await host.SucceedAsync(new HostRequest(Commands.Admin(AdminOpcode.KeepAlive)));
        }

        Assert.Equal(QueuePairState.Live, host.Admin.Lifecycle.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Traffic_counts_only_when_announced(bool trafficBased)
    {
        await using var target = new TestTarget(options => options.TrafficBasedKeepAlive = trafficBased);
        target.AddMemory();
        TestHost host = await target.ConnectAsync(keepAlive: 5000);
        var identify = WireStructure.Read<IdentifyController>((await host.SucceedAsync(Commands.Identify(IdentifyCns.Controller))).Data);
        Assert.Equal(trafficBased, identify.Attributes.HasFlag(ControllerAttributes.TrafficBasedKeepAlive));
        FakeQueuePair io = await host.ConnectIoAsync();
        for (int i = 0; i < 3; i++)
        {
            target.Advance(TimeSpan.FromSeconds(3));
            if (io.Lifecycle.State == QueuePairState.Live)
            {
                await host.IoAsync(io, Commands.Flush());
            }
        }

        await target.Loop.SettleAsync();
        Assert.Equal(trafficBased, host.Admin.Lifecycle.State == QueuePairState.Live);
    }

    [Fact]
    public async Task The_timeout_is_rounded_up_and_can_be_changed()
    {
        await using var target = new TestTarget(options => options.KeepAliveGranularity = TimeSpan.FromMilliseconds(500));
        TestHost host = await target.ConnectAsync(keepAlive: 1234);
        Assert.Equal(1500u, (await host.SucceedAsync(Commands.GetFeatures(FeatureIdentifier.KeepAliveTimer))).Completion.Dword0);
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.KeepAliveTimer, 60_001));
        Assert.Equal(60_500u, (await host.SucceedAsync(Commands.GetFeatures(FeatureIdentifier.KeepAliveTimer))).Completion.Dword0);
        target.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(QueuePairState.Live, host.Admin.Lifecycle.State);
        Assert.Equal(NvmeStatus.KeepAliveTimeoutInvalid, (await host.AdminAsync(Commands.SetFeatures(FeatureIdentifier.KeepAliveTimer, 0))).Code);
        var identify = WireStructure.Read<IdentifyController>((await host.SucceedAsync(Commands.Identify(IdentifyCns.Controller))).Data);
        Assert.Equal(5, identify.KeepAliveGranularity);
    }

    [Fact]
    public async Task Without_a_timeout_an_io_controller_may_be_silent()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync(keepAlive: 0);
        target.Advance(TimeSpan.FromHours(2));
        await host.SucceedAsync(new HostRequest(Commands.Admin(AdminOpcode.KeepAlive)));
    }

    [Fact]
    public async Task A_discovery_controller_without_a_timeout_may_be_idle_for_two_minutes()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync(Nqn.Discovery, keepAlive: 0);
        target.Advance(TimeSpan.FromSeconds(110));
        await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.Discovery, 1024));
        target.Advance(TimeSpan.FromSeconds(110));
        Assert.Equal(QueuePairState.Live, host.Admin.Lifecycle.State);
        target.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(TeardownCause.TimedOut, (await host.Admin.Closed).Cause);
    }

    [Fact]
    public async Task A_persistent_discovery_controller_lives_by_its_own_timeout()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync(Nqn.Discovery, keepAlive: 30_000);
        target.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(QueuePairState.Live, host.Admin.Lifecycle.State);
        target.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TeardownCause.KeepAliveExpired, (await host.Admin.Closed).Cause);
    }

    [Fact]
    public async Task A_controller_that_is_never_enabled_does_not_stay()
    {
        await using var target = new TestTarget();
        TestHost host = await TestHost.ConnectAsync(target, TestTarget.SubsystemNqn, Commands.HostNqn);
        target.Advance(TimeSpan.FromSeconds(119));
        Assert.Equal(QueuePairState.Live, host.Admin.Lifecycle.State);
        target.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TeardownCause.TimedOut, (await host.Admin.Closed).Cause);
    }
}
