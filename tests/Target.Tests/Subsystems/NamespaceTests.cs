using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Subsystems;

public class NamespaceTests
{
    [Fact]
    public async Task Namespaces_come_and_go_under_a_connected_host()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        Assert.Equal(NvmeStatus.InvalidNamespace.WithDoNotRetry(), (await host.IoAsync(io, Commands.Read(0, 1))).Status);
        Namespace ns = target.AddMemory();
        Assert.Equal(1u, ns.Id);
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Read(0, 1))).Status);
        Assert.True(await target.Subsystem.RemoveNamespaceAsync(1));
        Assert.Equal(NvmeStatus.InvalidNamespace.WithDoNotRetry(), (await host.IoAsync(io, Commands.Read(0, 1))).Status);
        Assert.False(await target.Subsystem.RemoveNamespaceAsync(1));
        Assert.False(await target.Subsystem.RemoveNamespaceAsync(0));
        Assert.False(await target.Subsystem.RemoveNamespaceAsync(0xFFFF_FFFF));
        Assert.Equal(1u, target.AddMemory().Id);
    }

    [Fact]
    public async Task A_removal_waits_for_requests_at_the_back_end()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync(loop: target.AddLoop());
        HostRequest write = host.Send(io, Commands.Write(0, new byte[512]));
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the write at the back end");
        Task<bool> removal = target.Subsystem.RemoveNamespaceAsync(1);
        Assert.Equal(NvmeStatus.InvalidNamespace.WithDoNotRetry(), (await host.IoAsync(io, Commands.Read(0, 1))).Status);
        Assert.False(removal.IsCompleted);
        Assert.False(backend.IsDisposed);
        backend.Release();
        Assert.Equal(NvmeStatus.Success, (await write.AnswerAsync()).Status);
        Assert.True(await removal.WaitAsync(TestTimeouts.Long));
        Assert.True(backend.IsDisposed);
    }

    [Fact]
    public async Task A_back_end_that_stays_open_is_free_when_the_removal_ends()
    {
        await using var target = new TestTarget();
        await using var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions { LeaveBackendOpen = true }, backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync(loop: target.AddLoop());
        HostRequest write = host.Send(io, Commands.Write(0, new byte[512]));
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the write at the back end");
        Task<bool> removal = target.Subsystem.RemoveNamespaceAsync(1);
        await io.Loop.SettleAsync();
        await target.Loop.SettleAsync();
        Assert.False(removal.IsCompleted);
        backend.Release();
        Assert.True(await removal.WaitAsync(TestTimeouts.Long));
        Assert.Equal(NvmeStatus.Success, (await write.AnswerAsync()).Status);
        Assert.False(backend.IsDisposed);
    }

    [Fact]
    public async Task A_stuck_back_end_does_not_hold_up_a_removal_for_ever()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync(keepAlive: 0);
        FakeQueuePair io = await host.ConnectIoAsync();
        HostRequest write = host.Send(io, Commands.Write(0, new byte[512]));
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the write at the back end");
        Task<bool> removal = target.Subsystem.RemoveNamespaceAsync(1);
        while (!removal.IsCompleted)
        {
            target.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(1);
        }

        Assert.True(await removal);
        backend.Release();
        Assert.True((await write.AnswerAsync()).Status.IsSuccess);
    }

    [Fact]
    public async Task Data_that_arrives_after_the_removal_goes_nowhere()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend();
        target.Subsystem.AddNamespace(new NamespaceOptions { LeaveBackendOpen = true }, backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        var withheld = new HostRequest(Commands.InputOutput(InputOutputOpcode.Write, 0, 1)) { HostData = new byte[512], WithholdData = true };
        HostRequest write = host.Send(io, withheld);
        await host.IoAsync(io, Commands.Flush());
        Assert.True(await target.Subsystem.RemoveNamespaceAsync(1).WaitAsync(TestTimeouts.Long));
        io.DeliverData(write);
        Assert.Equal(NvmeStatus.InvalidNamespace.WithDoNotRetry(), (await write.AnswerAsync()).Status);
        Assert.Equal(1, backend.Submitted);
        Assert.False(backend.IsDisposed);
    }

    [Fact]
    public async Task A_resize_is_seen_by_identify_and_by_commands()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend(1 << 20);
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        await host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.AsynchronousEventConfiguration, 0x100));
        HostRequest aer = host.Send(host.Admin, new HostRequest(Commands.Admin(AdminOpcode.AsynchronousEventRequest)));
        Assert.Equal(NvmeStatus.LbaOutOfRange.WithDoNotRetry(), (await host.IoAsync(io, Commands.Read(4000, 1))).Status);
        backend.Resize(4096);
        Assert.Equal(0x0004_0002u, (await aer.AnswerAsync()).Completion.Dword0);
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Read(4000, 1))).Status);
        var page = WireStructure.Read<IdentifyNamespace>((await host.SucceedAsync(Commands.Identify(IdentifyCns.Namespace, 1))).Data);
        Assert.Equal(4096ul, page.NamespaceSize);
        backend.Resize(16);
        Assert.Equal(NvmeStatus.LbaOutOfRange.WithDoNotRetry(), (await host.IoAsync(io, Commands.Read(4000, 1))).Status);
    }

    [Fact]
    public async Task Read_only_namespaces_refuse_every_change()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend();
        target.Subsystem.AddNamespace(new NamespaceOptions { ReadOnly = true }, backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        HostRequest[] changes =
        [
            Commands.Write(0, new byte[512]),
            new(Commands.InputOutput(InputOutputOpcode.WriteZeroes, 0, 1)),
            Commands.DatasetManagement((0, 1)),
            Commands.Copy(100, (0, 1)),
        ];
        foreach (HostRequest change in changes)
        {
            Assert.Equal(NvmeStatus.NamespaceWriteProtected.WithDoNotRetry(), (await host.IoAsync(io, change)).Status);
        }

        Assert.Equal(0, backend.Submitted);
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Read(0, 1))).Status);
        Assert.Equal(1, WireStructure.Read<IdentifyNamespace>((await host.SucceedAsync(Commands.Identify(IdentifyCns.Namespace, 1))).Data).Attributes);
    }

    /// <summary>More fences on their way to one queue than a queue pair has event references.</summary>
    [Fact]
    public async Task However_many_are_removed_at_once_each_waits_for_its_commands()
    {
        await using var target = new TestTarget(subsystem: options => options.MaxNamespaces = 1024);
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions { LeaveBackendOpen = true }, backend);
        for (uint id = 2; id <= 1024; id++)
        {
            target.Subsystem.AddNamespace(new NamespaceOptions { NamespaceId = id }, new NullBackend(512));
        }

        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        HostRequest read = host.Send(io, Commands.Read(0, 1));
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the read at the back end");

        using var busy = new ManualResetEventSlim();
        io.Loop.Post(busy.Wait);
        Task[] others = [.. Enumerable.Range(2, 1023).Select(id => target.Subsystem.RemoveNamespaceAsync((uint)id))];
        Task removal = target.Subsystem.RemoveNamespaceAsync(1);
        busy.Set();
        await Task.WhenAll(others).WaitAsync(TestTimeouts.Long);
        await io.Loop.SettleAsync();
        Assert.False(removal.IsCompleted, "The removal did not wait for the command.");
        backend.Release();
        await removal.WaitAsync(TestTimeouts.Long);
        Assert.Equal(NvmeStatus.Success, (await read.AnswerAsync()).Status);
        await backend.DisposeAsync();
    }

    [Fact]
    public async Task Identity_is_the_same_after_a_restart_and_different_between_namespaces()
    {
        Guid[] first = await UuidsAsync();
        Guid[] second = await UuidsAsync();
        Assert.Equal(first, second);
        Assert.Equal(2, first.Distinct().Count());

        static async Task<Guid[]> UuidsAsync()
        {
            await using var target = new TestTarget();
            return [target.AddMemory().Uuid, target.AddMemory().Uuid];
        }
    }

    [Fact]
    public async Task What_cannot_be_added_is_refused_with_a_reason()
    {
        await using var target = new TestTarget();
        Namespace first = target.AddMemory();
        await using var spare = new NullBackend(1 << 20);
        Assert.Contains("already", Assert.Throws<ArgumentException>(() => target.Subsystem.AddNamespace(new NamespaceOptions { NamespaceId = 1 }, spare)).Message, StringComparison.Ordinal);
        Assert.Contains("1 to 1024", Assert.Throws<ArgumentException>(() => target.Subsystem.AddNamespace(new NamespaceOptions { NamespaceId = 1025 }, spare)).Message, StringComparison.Ordinal);
        Assert.Contains("UUID", Assert.Throws<ArgumentException>(() => target.Subsystem.AddNamespace(new NamespaceOptions { Uuid = first.Uuid }, spare)).Message, StringComparison.Ordinal);
        await target.Target.RemoveSubsystemAsync(TestTarget.SubsystemNqn);
        Assert.Throws<ObjectDisposedException>(() => target.Subsystem.AddNamespace(new NamespaceOptions(), spare));
    }

    [Fact]
    public async Task An_inaccessible_port_answers_with_the_path_status()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        (AnaState, NvmeStatus)[] states =
        [
            (AnaState.Inaccessible, NvmeStatus.AnaInaccessible),
            (AnaState.PersistentLoss, NvmeStatus.AnaPersistentLoss),
            (AnaState.Change, NvmeStatus.AnaTransition),
            (AnaState.NonOptimized, NvmeStatus.Success),
            (AnaState.Optimized, NvmeStatus.Success),
        ];
        foreach ((AnaState state, NvmeStatus status) in states)
        {
            target.Port.AnaState = state;
            Assert.Equal(status, (await host.IoAsync(io, Commands.Read(0, 1))).Status);
        }
    }
}
