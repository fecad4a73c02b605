using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator;
using Nvmf.Target.Namespaces;

namespace Nvmf.Hosting.Tests;

/// <summary>Listeners that come and go while the target runs.</summary>
public class RuntimeListenerTests
{
    [Fact]
    public async Task Removing_a_listener_under_load_drains_its_queue_pairs_and_leaves_the_others_alone()
    {
        await using TestTarget target = await TestTarget.StartAsync(o => o
            .Listen("tcp://127.0.0.1:0").Listen("tcp://127.0.0.1:0").AddSubsystem(TestTarget.Nqn, s => s.AddNamespace("mem:16MiB")));
        await using var initiator = new TestInitiator();
        NvmeListenerInfo removed = target.Control.Listeners[0];
        NvmeListenerInfo kept = target.Control.Listeners[1];
        NvmeController leaving = await initiator.ConnectAsync(removed.Address, TestTarget.Nqn);
        NvmeController staying = await initiator.ConnectAsync(kept.Address, TestTarget.Nqn);
        using var stop = new CancellationTokenSource();
        Task<int> leavingLoad = LoadAsync(await leaving.OpenNamespaceAsync(1), 0, stop.Token);
        Task<int> stayingLoad = LoadAsync(await staying.OpenNamespaceAsync(1), 1024, stop.Token);

        IReadOnlyList<DrainReport> reports = await target.Control.RemoveListenerAsync(removed.Address.ToString()).WaitAsync(Wait.Deadline);

        Assert.Equal(2, reports.Count);
        Assert.All(reports, r => Assert.Equal((TeardownCause.ListenerRemoved, 0L), (r.Cause, r.QuarantinedBytes)));
        await leaving.Ended.WaitAsync(Wait.Deadline);
        await Assert.ThrowsAnyAsync<Exception>(() => leavingLoad.WaitAsync(Wait.Deadline));
        Assert.Equal([kept.Address], target.Control.Listeners.Select(l => l.Address));
        Assert.Equal(2, target.Control.QueuePairs.Count);

        // The other listener's host goes on as if nothing had happened.
        Assert.False(staying.Ended.IsCompleted);
        await stop.CancelAsync();
        Assert.True(await stayingLoad.WaitAsync(Wait.Deadline) > 0);
        await Assert.ThrowsAnyAsync<Exception>(() => initiator.ConnectAsync(removed.Address, TestTarget.Nqn));
    }

    [Fact]
    public async Task A_graceful_removal_tells_hosts_refuses_new_ones_and_lets_commands_go_on_until_they_leave()
    {
        await using TestTarget target = await TestTarget.StartAsync(o => o
            .Listen("tcp://127.0.0.1:0").Listen("tcp://127.0.0.1:0").AddSubsystem(TestTarget.Nqn, s => s.AddNamespace("mem:16MiB")));
        await using var initiator = new TestInitiator();
        NvmeListenerInfo removed = target.Control.Listeners[0];
        NvmeController discovery = await initiator.ConnectAsync(target.Control.Listeners[1].Address, Nqn.Discovery);
        NvmeController leaving = await initiator.ConnectAsync(removed.Address, TestTarget.Nqn);
        NvmeNamespace disk = await leaving.OpenNamespaceAsync(1);

        Task<IReadOnlyList<DrainReport>> removal = target.Control.RemoveListenerAsync(removed.Address.ToString(), TimeSpan.FromMinutes(10));
        using (var deadline = new CancellationTokenSource(Wait.Deadline))
        {
            AsynchronousEventResult told = await discovery.Events.ReadAsync(deadline.Token);
            Assert.Equal((AsynchronousEventType.Notice, LogPageIdentifier.Discovery), (told.Type, told.LogPage));
        }

        NvmeException refused = await Assert.ThrowsAsync<NvmeException>(() => initiator.ConnectAsync(removed.Address, TestTarget.Nqn));
        Assert.Equal(NvmeStatus.ConnectControllerBusy, refused.Status);
        await disk.WriteAsync(0, new byte[4096]).AsTask().WaitAsync(Wait.Deadline);
        Assert.False(removal.IsCompleted);
        Assert.True(target.Control.Listeners[0].Removing);

        await leaving.DisposeAsync();
        IReadOnlyList<DrainReport> reports = await removal.WaitAsync(Wait.Deadline);

        // The two of the association, which the host ended, and that of the refused Connect.
        Assert.Equal(3, reports.Count);
        Assert.DoesNotContain(reports, r => r.Cause == TeardownCause.ListenerRemoved);
        Assert.Equal((3, 0L, 0L), (DrainTotal.ByCause(reports).Sum(t => t.QueuePairs), reports.Sum(r => r.QuarantinedBytes), reports.Sum(r => r.AbandonedCommands)));
        Assert.Single(target.Control.Listeners);
        Assert.False(discovery.Ended.IsCompleted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_grace_ends_with_its_time_or_with_a_removal_without(bool second)
    {
        await using TestTarget target = await TestTarget.StartAsync();
        await using var initiator = new TestInitiator();
        NvmeController controller = await initiator.ConnectAsync(target.Address, TestTarget.Nqn);
        string address = target.Address.ToString();
        Task<IReadOnlyList<DrainReport>> removal = target.Control.RemoveListenerAsync(address, second ? TimeSpan.FromMinutes(10) : TimeSpan.FromMilliseconds(50));
        if (second)
        {
            await target.Control.RemoveListenerAsync(address).WaitAsync(Wait.Deadline);
        }

        IReadOnlyList<DrainReport> reports = await removal.WaitAsync(Wait.Deadline);
        DrainTotal total = Assert.Single(DrainTotal.ByCause(reports));
        Assert.Equal((TeardownCause.ListenerRemoved, 2), (total.Cause, total.QueuePairs));
        await controller.Ended.WaitAsync(Wait.Deadline);
    }

    [Fact]
    public async Task A_listener_that_took_the_address_of_one_still_draining_is_the_one_that_is_removed()
    {
        var disk = new FaultInjectingBackend(new MemoryBackend(1 << 20), seed: 1);
        disk.SetRules(new FaultRule { Operation = BackendOperation.Write, Hold = true });
        await using TestTarget target = await TestTarget.StartAsync(o =>
        {
            o.Listen("tcp://127.0.0.1:0").AddSubsystem(TestTarget.Nqn, s => s.AddNamespace(_ => disk));
            o.Deadlines.Commands = TimeSpan.FromHours(1);
        });
        await using var initiator = new TestInitiator();
        NvmeController controller = await initiator.ConnectAsync(target.Address, TestTarget.Nqn);
        Task write = (await controller.OpenNamespaceAsync(1)).WriteAsync(0, new byte[512]).AsTask();
        await Wait.UntilAsync(() => target.Control.QueuePairs.Any(q => q is { QueueId: > 0, References.Commands: > 0 }), "a command that is held");
        string address = target.Address.ToString();
        Task<IReadOnlyList<DrainReport>> first = target.Control.RemoveListenerAsync(address);
        await Wait.UntilAsync(async () => await TryAddAsync(target, address), "the address to be free");

        await target.Control.RemoveListenerAsync(address).WaitAsync(Wait.Deadline);

        Assert.False(first.IsCompleted);
        Assert.True(Assert.Single(target.Control.Listeners).Removing);
        disk.SetRules();
        disk.ReleaseHeld();
        Assert.Equal(2, (await first.WaitAsync(Wait.Deadline)).Count);
        await write.WaitAsync(Wait.Deadline).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.Empty(target.Control.Listeners);
    }

    [Fact]
    public async Task A_listener_added_at_run_time_serves_and_its_port_is_free_after_the_removal()
    {
        await using TestTarget target = await TestTarget.StartAsync();
        await using var initiator = new TestInitiator();

        NvmeListenerInfo added = await target.Control.AddListenerAsync("tcp://127.0.0.1:0");
        await initiator.ConnectAsync(added.Address, TestTarget.Nqn);
        Assert.Equal(2, await PortsInDiscoveryAsync());
        await target.Control.RemoveListenerAsync(added.Address.ToString()).WaitAsync(Wait.Deadline);
        Assert.Equal(1, await PortsInDiscoveryAsync());
        NvmeListenerInfo again = await target.Control.AddListenerAsync(added.Address.ToString());

        Assert.Equal(added.Address, again.Address);

        async Task<int> PortsInDiscoveryAsync() =>
            (await initiator.DiscoverAsync(target.Address)).Entries.Count(e => e.SubsystemNqn.ToString() == TestTarget.Nqn);
    }

    private static async Task<bool> TryAddAsync(TestTarget target, string address)
    {
        try
        {
            await target.Control.AddListenerAsync(address);
            return true;
        }
        catch (NvmeTargetException refused) when (refused.Error == NvmeTargetError.Conflict)
        {
            return false;
        }
    }

    /// <summary>Writes and reads back until told to stop, several commands at a time.</summary>
    private static async Task<int> LoadAsync(NvmeNamespace disk, ulong firstBlock, CancellationToken stop)
    {
        int rounds = 0;
        byte[][] data = [.. Enumerable.Range(0, 8).Select(i => Enumerable.Repeat((byte)(i + 1), 32 << 10).ToArray())];
        while (!stop.IsCancellationRequested)
        {
            await Task.WhenAll(data.Select((d, i) => disk.WriteAsync(firstBlock + ((ulong)i * 64), d).AsTask()));
            byte[][] read = [.. data.Select(d => new byte[d.Length])];
            await Task.WhenAll(read.Select((d, i) => disk.ReadAsync(firstBlock + ((ulong)i * 64), d).AsTask()));
            Assert.Equal(data, read);
            rounds++;
        }

        return rounds;
    }
}
