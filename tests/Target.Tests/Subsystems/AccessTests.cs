using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Subsystems;

public class AccessTests
{
    private const string OtherHost = "nqn.2025-06.test:other-host";

    [Fact]
    public async Task A_host_taken_off_the_list_loses_its_associations_only()
    {
        await using var target = new TestTarget(subsystem: options =>
        {
            options.AllowedHosts.Add(Commands.HostNqn);
            options.AllowedHosts.Add(OtherHost);
        });
        Assert.False(target.Subsystem.AllowAnyHost);
        TestHost host = await target.ConnectAsync();
        TestHost other = await target.ConnectAsync(hostNqn: OtherHost);
        FakeQueuePair io = await host.ConnectIoAsync();
        IReadOnlyList<DrainReport> reports = await target.Subsystem.DisallowHostAsync(Commands.HostNqn).WaitAsync(TestTimeouts.Long);
        Assert.Equal(2, reports.Count);
        Assert.All(reports, report => Assert.Equal(TeardownCause.HostRemoved, report.Cause));
        Assert.Equal(QueuePairState.Closed, io.Lifecycle.State);
        await other.SucceedAsync(Commands.Identify(IdentifyCns.Controller));
        Answer again = await target.Open().Send(Commands.Connect(Commands.Connect(0), Commands.ConnectData(TestTarget.SubsystemNqn))).AnswerAsync();
        Assert.Equal(NvmeStatus.ConnectInvalidHost.WithDoNotRetry(), again.Status);
        target.Subsystem.AllowHost(Commands.HostNqn);
        await target.ConnectAsync();
    }

    [Fact]
    public async Task Closing_an_open_subsystem_ends_those_who_are_not_listed()
    {
        await using var target = new TestTarget();
        Assert.True(target.Subsystem.AllowAnyHost);
        TestHost host = await target.ConnectAsync();
        await target.ConnectAsync(hostNqn: OtherHost);
        target.Subsystem.AllowHost(Commands.HostNqn);
        Assert.Equal(2, target.Subsystem.Controllers.Count);
        DrainReport report = Assert.Single(await target.Subsystem.SetAllowAnyHostAsync(false).WaitAsync(TestTimeouts.Long));
        Assert.Equal(TeardownCause.HostRemoved, report.Cause);
        await host.SucceedAsync(Commands.Identify(IdentifyCns.Controller));
    }

    [Fact]
    public async Task A_host_sees_only_what_it_may_connect_to()
    {
        await using var target = new TestTarget();
        Subsystem hidden = target.Target.AddSubsystem(new SubsystemOptions { Nqn = "nqn.2025-06.test:hidden", AllowAnyHost = false });
        TestHost host = await target.ConnectAsync(Nqn.Discovery);
        Assert.DoesNotContain(hidden.Nqn, await DiscoveryLogReader.NqnsAsync(host));
        hidden.AllowHost(Commands.HostNqn);
        Assert.Contains(hidden.Nqn, await DiscoveryLogReader.NqnsAsync(host));
    }

    [Fact]
    public async Task Removing_a_subsystem_ends_everything_in_it()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend();
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync(loop: target.AddLoop());
        TestHost discovery = await target.ConnectAsync(Nqn.Discovery);
        IReadOnlyList<DrainReport> reports = await target.Target.RemoveSubsystemAsync(TestTarget.SubsystemNqn).WaitAsync(TestTimeouts.Long);
        Assert.Equal(2, reports.Count);
        Assert.All(reports, report => Assert.Equal(TeardownCause.SubsystemRemoved, report.Cause));
        Assert.Equal(QueuePairState.Closed, io.Lifecycle.State);
        Assert.True(backend.IsDisposed);
        Assert.Equal([Nqn.Discovery], await DiscoveryLogReader.NqnsAsync(discovery));
        Answer gone = await target.Open().Send(Commands.Connect(Commands.Connect(0), Commands.ConnectData(TestTarget.SubsystemNqn))).AnswerAsync();
        Assert.Equal(NvmeStatus.ConnectInvalidParameters.WithDoNotRetry(), gone.Status);
        Assert.Empty(await target.Target.RemoveSubsystemAsync(TestTarget.SubsystemNqn));
        target.Target.AddSubsystem(new SubsystemOptions { Nqn = TestTarget.SubsystemNqn });
    }

    [Fact]
    public async Task Disposing_the_target_ends_all_queue_pairs()
    {
        var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        FakeQueuePair unconnected = target.Open();
        await target.DisposeAsync();
        Assert.All([host.Admin, io, unconnected], queue => Assert.Equal(TeardownCause.ProcessStop, queue.Lifecycle.Cause));
        Assert.Throws<ObjectDisposedException>(() => target.Open());
        Assert.Throws<ObjectDisposedException>(() => target.Target.AddSubsystem(new SubsystemOptions { Nqn = "nqn.2025-06.test:late" }));
    }

    [Fact]
    public async Task Diagnosis_tells_who_is_where()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync(3);
        target.Open();
        Assert.Equal(3, target.Target.QueuePairs.Count);
        QueuePairInfo info = target.Target.QueuePairs.Single(queue => queue.QueueId == 3);
        Assert.Equal(io.Id, info.Id);
        Assert.Equal(Commands.HostNqn, info.HostNqn);
        Assert.Equal(TestTarget.SubsystemNqn, info.SubsystemNqn);
        Assert.Equal(host.ControllerId, info.ControllerId);
        Assert.Equal(128, info.QueueSize);
        Assert.Equal(1, info.Commands);
        Assert.Equal(QueuePairState.Live, info.State);
        ControllerInfo controller = Assert.Single(target.Target.Controllers);
        Assert.Equal(
            new ControllerInfo(host.ControllerId, TestTarget.SubsystemNqn, Commands.HostNqn, Commands.HostId, ControllerState.Ready, 1, TimeSpan.FromSeconds(5), TeardownCause.None),
            controller);
    }
}
