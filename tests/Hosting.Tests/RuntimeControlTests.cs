using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator;
using Nvmf.Target.Namespaces;

namespace Nvmf.Hosting.Tests;

public class RuntimeControlTests
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

    [Fact]
    public async Task Mistakes_at_run_time_get_one_sentence()
    {
        await using TestTarget target = await TestTarget.StartAsync();
        INvmeTargetControl control = target.Control;
        string address = target.Address.ToString();

        await RefusedAsync(NvmeTargetError.Invalid, "'x' is not an address: it does not begin with tcp:// or rdma://.", () => control.AddListenerAsync("x"));
        await RefusedAsync(NvmeTargetError.Conflict, $"Cannot listen on {address}: the port is in use.", () => control.AddListenerAsync(address));
        await RefusedAsync(NvmeTargetError.NotFound, "There is no listener tcp://127.0.0.9:9.", () => control.RemoveListenerAsync("tcp://127.0.0.9:9"));
        await RefusedAsync(NvmeTargetError.NotFound, "There is no subsystem nqn.a:b.", () => control.AddNamespaceAsync("nqn.a:b", new NvmeNamespaceOptions { Disk = "mem:1MiB" }));
        await RefusedAsync(NvmeTargetError.Invalid, "'mem:1' is not a disk: the size 1 is not a multiple of the block size 512.", () => control.AddNamespaceAsync(TestTarget.Nqn, new NvmeNamespaceOptions { Disk = "mem:1" }));
        await RefusedAsync(NvmeTargetError.NotFound, $"There is no namespace 9 in {TestTarget.Nqn}.", () => control.RemoveNamespaceAsync(TestTarget.Nqn, 9));
        await RefusedAsync(NvmeTargetError.NotFound, $"There is no namespace 9 in {TestTarget.Nqn}.", () => control.ResizeNamespaceAsync(TestTarget.Nqn, 9, 512));
        await RefusedAsync(NvmeTargetError.NotFound, $"The host nqn.a:h is not on the list of {TestTarget.Nqn}.", () => control.RemoveHostAsync(TestTarget.Nqn, "nqn.a:h"));
        await RefusedAsync(NvmeTargetError.NotFound, "There is no subsystem nqn.a:b.", () => control.RemoveSubsystemAsync("nqn.a:b"));
        NvmeTargetException taken = await Assert.ThrowsAsync<NvmeTargetException>(() => control.AddNamespaceAsync(TestTarget.Nqn, new NvmeNamespaceOptions { Disk = "mem:1MiB", Nsid = 1 }));
        Assert.Equal(NvmeTargetError.Conflict, taken.Error);
        NvmeTargetException twice = await Assert.ThrowsAsync<NvmeTargetException>(() => control.AddSubsystemAsync(new NvmeSubsystemOptions { Nqn = TestTarget.Nqn }));
        Assert.Equal(NvmeTargetError.Conflict, twice.Error);
        Assert.Single(control.Subsystems[0].Namespaces);
    }

    [Fact]
    public async Task Namespaces_come_grow_and_go_and_the_host_is_told()
    {
        await using TestTarget target = await TestTarget.StartAsync();
        await using var initiator = new TestInitiator();
        NvmeController controller = await initiator.ConnectAsync(target.Address, TestTarget.Nqn);

        uint nsid = await target.Control.AddNamespaceAsync(TestTarget.Nqn, new NvmeNamespaceOptions { Disk = "mem:1MiB" });
        Assert.Equal(2u, nsid);
        await NextNoticeAsync(controller);
        Assert.Equal([1, 2], await controller.GetActiveNamespacesAsync());

        await target.Control.ResizeNamespaceAsync(TestTarget.Nqn, 2, 2 << 20);
        await NextNoticeAsync(controller);
        Assert.Equal((ulong)(2 << 20) / 512, (await controller.OpenNamespaceAsync(2)).BlockCount);

        await target.Control.RemoveNamespaceAsync(TestTarget.Nqn, 2).WaitAsync(Wait.Deadline);
        await NextNoticeAsync(controller);
        Assert.Equal([1], await controller.GetActiveNamespacesAsync());
    }

    [Fact]
    public async Task Taking_a_host_off_the_list_ends_its_association_alone()
    {
        var first = new Guid("00000000-0000-4000-8000-000000000001");
        var second = new Guid("00000000-0000-4000-8000-000000000002");
        await using TestTarget target = await TestTarget.StartAsync(o => o.Listen("tcp://127.0.0.1:0").AddSubsystem(
            TestTarget.Nqn, s => s.AddNamespace("mem:1MiB").AllowHost(Nqn.FromUuid(first))));
        await using var initiator = new TestInitiator();
        await Assert.ThrowsAsync<NvmeException>(() => initiator.ConnectAsync(target.Address, TestTarget.Nqn, second));
        target.Control.AllowHost(TestTarget.Nqn, Nqn.FromUuid(second));
        NvmeController one = await initiator.ConnectAsync(target.Address, TestTarget.Nqn, first);
        NvmeController two = await initiator.ConnectAsync(target.Address, TestTarget.Nqn, second);

        IReadOnlyList<DrainReport> reports = await target.Control.RemoveHostAsync(TestTarget.Nqn, Nqn.FromUuid(second)).WaitAsync(Wait.Deadline);

        Assert.Equal(2, reports.Count);
        Assert.All(reports, r => Assert.Equal(TeardownCause.HostRemoved, r.Cause));
        await two.Ended.WaitAsync(Wait.Deadline);
        Assert.False(one.Ended.IsCompleted);
        await Assert.ThrowsAsync<NvmeException>(() => initiator.ConnectAsync(target.Address, TestTarget.Nqn, second));
    }

    [Fact]
    public async Task A_subsystem_comes_and_goes()
    {
        const string other = "nqn.2026-11.example:other";
        await using TestTarget target = await TestTarget.StartAsync();
        await using var initiator = new TestInitiator();

        await target.Control.AddSubsystemAsync(new NvmeSubsystemOptions { Nqn = other }.AddNamespace("mem:1MiB"));
        NvmeController controller = await initiator.ConnectAsync(target.Address, other);
        IReadOnlyList<DrainReport> reports = await target.Control.RemoveSubsystemAsync(other).WaitAsync(Wait.Deadline);

        Assert.Equal(2, reports.Count);
        Assert.All(reports, r => Assert.Equal(TeardownCause.SubsystemRemoved, r.Cause));
        await controller.Ended.WaitAsync(Wait.Deadline);
        Assert.Equal([TestTarget.Nqn], target.Control.Subsystems.Select(s => s.Nqn));
    }

    [Fact]
    public async Task A_subsystem_with_a_bad_disk_is_not_added_at_all()
    {
        const string other = "nqn.2026-11.example:other";
        await using TestTarget target = await TestTarget.StartAsync();

        await Assert.ThrowsAsync<NvmeTargetException>(() => target.Control.AddSubsystemAsync(
            new NvmeSubsystemOptions { Nqn = other }.AddNamespace("mem:1MiB").AddNamespace("file:/nowhere/disk.img")));

        Assert.Equal([TestTarget.Nqn], target.Control.Subsystems.Select(s => s.Nqn));
    }

    [Fact]
    public async Task A_subsystem_that_fails_does_not_take_its_successor_along()
    {
        const string other = "nqn.2026-11.example:other";
        await using TestTarget target = await TestTarget.StartAsync();
        INvmeTargetControl control = target.Control;

        // Somebody removes the subsystem while its disk opens, and adds another of that name.
        await Assert.ThrowsAsync<InvalidDataException>(() => control.AddSubsystemAsync(new NvmeSubsystemOptions { Nqn = other }.AddNamespace(_ =>
        {
            Task.Run(() => control.RemoveSubsystemAsync(other)).GetAwaiter().GetResult();
            Task.Run(() => control.AddSubsystemAsync(new NvmeSubsystemOptions { Nqn = other }.AddNamespace("mem:1MiB"))).GetAwaiter().GetResult();
            throw new InvalidDataException("no disk");
        })));

        Assert.Single(control.Subsystems.Single(s => s.Nqn == other).Namespaces);
    }

    [Fact]
    public async Task A_disk_that_is_opened_for_a_subsystem_removed_meanwhile_is_closed_again_and_the_answer_is_a_sentence()
    {
        const string other = "nqn.2026-11.example:other";
        await using TestTarget target = await TestTarget.StartAsync();
        INvmeTargetControl control = target.Control;
        var disk = new CountedDisk();

        NvmeTargetException error = await Assert.ThrowsAsync<NvmeTargetException>(() => control.AddSubsystemAsync(new NvmeSubsystemOptions { Nqn = other }.AddNamespace(_ =>
        {
            Task.Run(() => control.RemoveSubsystemAsync(other)).GetAwaiter().GetResult();
            return disk;
        })));

        Assert.Equal((NvmeTargetError.NotFound, $"There is no subsystem {other}."), (error.Error, error.Message));
        Assert.Equal(1, disk.Disposals);
    }

    [Fact]
    public async Task A_size_that_a_disk_cannot_have_gets_one_sentence()
    {
        await using TestTarget target = await TestTarget.StartAsync();
        await RefusedAsync(
            NvmeTargetError.Invalid,
            "A memory disk has at most 64TiB.",
            () => target.Control.ResizeNamespaceAsync(TestTarget.Nqn, 1, MemoryBackend.MaxSizeInBytes + 512));
    }

    [Fact]
    public async Task A_disk_that_is_closed_while_it_is_resized_gets_one_sentence()
    {
        using var image = new TemporaryFile();
        await using TestTarget target = await TestTarget.StartAsync(o => o.Listen("tcp://127.0.0.1:0").AddSubsystem(TestTarget.Nqn, s => s.AddNamespace($"file:{image.Path},size=1MiB")));
        await target.Control.Target.Subsystems.Single().Namespaces[0].Backend.DisposeAsync();

        await RefusedAsync(
            NvmeTargetError.NotFound, $"There is no namespace 1 in {TestTarget.Nqn}.", () => target.Control.ResizeNamespaceAsync(TestTarget.Nqn, 1, 2 << 20));
    }

    [Fact]
    public async Task A_file_that_somebody_else_serves_is_a_conflict()
    {
        using var image = new TemporaryFile();
        await using TestTarget target = await TestTarget.StartAsync(o => o.Listen("tcp://127.0.0.1:0").AddSubsystem(TestTarget.Nqn, s => s.AddNamespace($"file:{image.Path},size=1MiB")));

        await RefusedAsync(
            NvmeTargetError.Conflict,
            $"The disk image '{image.Path}' is in use by another target or program.",
            () => target.Control.AddNamespaceAsync(TestTarget.Nqn, new NvmeNamespaceOptions { Disk = $"file:{image.Path}" }));
        await RefusedAsync(
            NvmeTargetError.Unavailable,
            $"The disk image '{image.Path}2' does not exist; give a size to create it.",
            () => target.Control.AddNamespaceAsync(TestTarget.Nqn, new NvmeNamespaceOptions { Disk = $"file:{image.Path}2" }));
    }

    private static async Task RefusedAsync(NvmeTargetError kind, string sentence, Func<Task> action)
    {
        var error = await Assert.ThrowsAsync<NvmeTargetException>(action);
        Assert.Equal((kind, sentence), (error.Error, error.Message));
    }

    private static async Task NextNoticeAsync(NvmeController controller)
    {
        using var deadline = new CancellationTokenSource(Wait.Deadline);
        while ((await controller.Events.ReadAsync(deadline.Token)).Type != AsynchronousEventType.Notice)
        {
        }

        // Reading the changed namespace list re-arms the event.
        await controller.GetLogPageAsync(LogPageIdentifier.ChangedNamespaceList, new byte[4096]);
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
