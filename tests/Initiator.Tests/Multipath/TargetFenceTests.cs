using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Target;
using Nvmf.Target.Namespaces;

namespace Nvmf.Initiator.Tests.Multipath;

/// <summary>The target's side of the fence: what it holds up for writes of a host's last association, and what not (invariant I10).</summary>
public class TargetFenceTests
{
    private static readonly Guid Somebody = Guid.Parse("6a8d6c5e-3a94-4d4a-9b1e-0c2c1f2f5a11");

    [Fact]
    public async Task A_new_association_waits_for_the_writes_of_the_hosts_dying_one()
    {
        await using var fixture = await TargetFixture.StartAsync(target: new NvmeTargetOptions { CommandQuiesceTime = TimeSpan.FromSeconds(30) });
        await using var old = await fixture.ConnectAsync();
        var write = await HoldAWriteAsync(fixture, old);
        await KillAsync(fixture, old);

        var connecting = fixture.ConnectAsync();
        await using (var other = await fixture.ConnectAsync(NewOptions(Somebody)))
        {
            // Another host is not held up, and by the time it is through, the first would be, too.
            Assert.False(connecting.IsCompleted);
        }

        fixture.Disk.GoOn();
        await using var controller = await connecting;
        Assert.NotEqual(old.ControllerId, controller.ControllerId);
        await Assert.ThrowsAsync<NvmeConnectionException>(() => write).WaitAsync(TargetFixture.Patience);
    }

    [Fact]
    public async Task Past_the_quiesce_time_the_controller_is_busy_and_the_host_may_try_again()
    {
        await using var fixture = await TargetFixture.StartAsync(target: new NvmeTargetOptions { CommandQuiesceTime = TimeSpan.FromMilliseconds(200) });
        await using var old = await fixture.ConnectAsync();
        var write = await HoldAWriteAsync(fixture, old);
        await KillAsync(fixture, old);
        var busy = await Assert.ThrowsAsync<NvmeException>(() => fixture.ConnectAsync());
        Assert.True(busy.Status.IsSameCode(NvmeStatus.ConnectControllerBusy), busy.Message);
        Assert.False(busy.Status.DoNotRetry);
        fixture.Disk.GoOn();
        await using var controller = await fixture.ConnectAsync();
        await Assert.ThrowsAsync<NvmeConnectionException>(() => write).WaitAsync(TargetFixture.Patience);
    }

    [Fact]
    public async Task A_healthy_association_of_the_same_host_holds_up_nothing()
    {
        await using var fixture = await TargetFixture.StartAsync(target: new NvmeTargetOptions { CommandQuiesceTime = TimeSpan.FromSeconds(30) });
        await using var first = await fixture.ConnectAsync();
        var write = await HoldAWriteAsync(fixture, first);
        await using (await fixture.ConnectAsync(NewOptions()))
        {
            Assert.False(write.IsCompleted);
        }

        fixture.Disk.GoOn();
        await write.WaitAsync(TargetFixture.Patience);
    }

    [Fact]
    public async Task Cross_controller_reset_ends_the_other_association_and_waits_for_its_writes()
    {
        await using var fixture = await TargetFixture.StartAsync(target: new NvmeTargetOptions { CommandQuiesceTime = TimeSpan.FromSeconds(30) });
        await using var lost = await fixture.ConnectAsync();
        await using var helper = await fixture.ConnectAsync();
        Assert.NotEqual(0, helper.Identity.CrossControllerResetLimit);
        Assert.Equal(31_000, helper.Identity.CommandQuiesceTime);
        var write = await HoldAWriteAsync(fixture, lost);
        var reset = helper.CrossControllerResetAsync(lost.Identity);
        await lost.Ending.WaitAsync(TargetFixture.Patience);
        Assert.False(reset.IsCompleted);
        fixture.Disk.GoOn();
        Assert.True(await reset.WaitAsync(TargetFixture.Patience));
        await Task.WhenAny(write).WaitAsync(TargetFixture.Patience);
        // Once more: it is gone, and nothing of it is left.
        Assert.True(await helper.CrossControllerResetAsync(lost.Identity));
    }

    [Fact]
    public async Task Cross_controller_reset_past_the_quiesce_time_says_that_it_has_only_begun()
    {
        await using var fixture = await TargetFixture.StartAsync(target: new NvmeTargetOptions { CommandQuiesceTime = TimeSpan.FromMilliseconds(100) });
        await using var lost = await fixture.ConnectAsync();
        await using var helper = await fixture.ConnectAsync();
        var write = await HoldAWriteAsync(fixture, lost);
        Assert.False(await helper.CrossControllerResetAsync(lost.Identity));
        fixture.Disk.GoOn();
        await Task.WhenAny(write).WaitAsync(TargetFixture.Patience);
    }

    [Fact]
    public async Task Cross_controller_reset_hits_nobody_else()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var one = await fixture.ConnectAsync();
        await using var helper = await fixture.ConnectAsync();
        await using var stranger = await fixture.ConnectAsync(new NvmeConnectOptions { SubsystemNqn = TargetFixture.Nqn, HostId = Somebody });

        // Another association under the same identifier, or another host's: nothing that this host could mean.
        var stale = one.Identity;
        stale.InstanceRandomNumber++;
        Assert.True(await helper.CrossControllerResetAsync(stale));
        Assert.True(await helper.CrossControllerResetAsync(stranger.Identity));
        // The target restarted, and this controller has the identifier of the one that is meant.
        var former = helper.Identity;
        former.InstanceRandomNumber++;
        Assert.True(await helper.CrossControllerResetAsync(former));
        var self = await Assert.ThrowsAsync<NvmeException>(() => helper.CrossControllerResetAsync(helper.Identity));
        Assert.True(self.Status.DoNotRetry);
        foreach (var controller in new[] { one, helper, stranger })
        {
            await controller.GetFeatureAsync(FeatureIdentifier.NumberOfQueues);
        }
    }

    [Fact]
    public async Task A_write_that_outlives_its_queue_pair_leaks_nothing()
    {
        var deadlines = new DrainDeadlines(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
        await using var fixture = await TargetFixture.StartAsync(deadlines: deadlines);
        await using var controller = await fixture.ConnectAsync();
        var write = await HoldAWriteAsync(fixture, controller);
        await KillAsync(fixture, controller);
        await Eventually.IsTrueAsync(() => fixture.Target.QueuePairs.Count == 0, "The queue pairs are still there.");
        fixture.Disk.GoOn();
        await Assert.ThrowsAsync<NvmeConnectionException>(() => write).WaitAsync(TargetFixture.Patience);
    }

    // A shutdown flushes the disk, which holds everything back.
    private static NvmeConnectOptions NewOptions(Guid? host = null)
    {
        var options = new NvmeConnectOptions { SubsystemNqn = TargetFixture.Nqn, ShutdownTimeout = TimeSpan.FromMilliseconds(50) };
        return host is { } id ? new NvmeConnectOptions { SubsystemNqn = options.SubsystemNqn, ShutdownTimeout = options.ShutdownTimeout, HostId = id } : options;
    }

    private static async Task<Task> HoldAWriteAsync(TargetFixture fixture, NvmeController controller)
    {
        var disk = await controller.OpenNamespaceAsync(1);
        fixture.Disk.Hold();
        var write = disk.WriteAsync(0, new byte[4096]).AsTask();
        await Eventually.IsTrueAsync(() => fixture.Disk.Seen(BackendOperation.Write) > 0, "The write did not arrive.");
        return write;
    }

    /// <summary>The host's connections are reset; the target has noticed when this ends.</summary>
    private static async Task KillAsync(TargetFixture fixture, NvmeController controller)
    {
        controller.AbortQueues();
        await Eventually.IsTrueAsync(
            () => fixture.Target.Controllers.Any(one => one.Id == controller.ControllerId && one.State == ControllerState.Ended),
            "The target did not notice.");
    }
}
