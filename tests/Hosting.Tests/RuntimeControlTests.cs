using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator;
using Nvmf.Target.Namespaces;

namespace Nvmf.Hosting.Tests;

/// <summary>Subsystems, namespaces and hosts that come and go while the target runs.</summary>
public class RuntimeControlTests
{
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
}
