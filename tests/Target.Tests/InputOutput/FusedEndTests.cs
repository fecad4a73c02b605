using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.InputOutput;

/// <summary>The end of a queue, and Abort, at every stage of a fused pair.</summary>
public class FusedEndTests
{
    private static readonly byte[] Zero = new byte[512];
    private static readonly byte[] Ones = [.. Enumerable.Repeat((byte)1, 512)];

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(true, true, true)]
    public async Task Pairs_that_wait_are_dropped(bool withSecond, bool withholdCompare, bool withholdWrite)
    {
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        (HostRequest compare, HostRequest write) = Commands.Fused(
            0, Zero, Ones, compareInCapsule: !withholdCompare, writeInCapsule: !withholdWrite, withholdCompare, withholdWrite);
        host.Send(io, compare);
        if (withSecond)
        {
            host.Send(io, write);
        }

        await target.Loop.SettleAsync();
        io.Close(TeardownCause.HostClosed);
        DrainReport report = await io.Closed;
        Assert.Equal(0, report.AbandonedCommands);
        Assert.Equal(AnswerEnding.Dropped, (await compare.AnswerAsync()).Ending);
        Assert.True(!withSecond || (await write.AnswerAsync()).Ending == AnswerEnding.Dropped);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Turns_for_memory_race_with_the_end_of_a_pair(bool close)
    {
        await using var target = new TestTarget(poolLimit: 6 << 20);
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        for (int i = 0; i < 20; i++)
        {
            FakeQueuePair io = await host.ConnectIoAsync();
            var taken = new List<BufferLease>();
            while (target.Pool.Pool.TryRent(4096, BufferPriority.InputOutput, out BufferLease lease))
            {
                taken.Add(lease);
            }

            (HostRequest compare, HostRequest write) = Commands.Fused((ulong)i, Zero, Ones, i % 2 == 0, i % 3 == 0);
            host.Send(io, compare);
            host.Send(io, write);
            await TestTimeouts.UntilAsync(() => target.Pool.Pool.Statistics.Waiters == 1, "the pair waiting for memory");
            Task release = Task.Run(() => taken.ForEach(lease => lease.Release()));
            if (!close)
            {
                Assert.True((await compare.AnswerAsync()).Status.IsSuccess);
                Assert.True((await write.AnswerAsync()).Status.IsSuccess);
            }

            io.Close(TeardownCause.ConnectionReset);
            await release;
            await io.Closed;
            Assert.True(compare.IsAnswered && write.IsAnswered);
            Assert.Equal((await compare.AnswerAsync()).Ending, (await write.AnswerAsync()).Ending);
        }
    }

    [Fact]
    public async Task A_pair_at_the_back_end_finishes()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        (HostRequest compare, HostRequest write) = Commands.Fused(0, Zero, Ones);
        host.Send(io, compare);
        host.Send(io, write);
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the pair at the back end");
        io.Close(TeardownCause.ListenerRemoved);
        await target.Loop.SettleAsync();
        Assert.False(compare.IsAnswered || write.IsAnswered);
        backend.Release();
        Assert.True((await compare.AnswerAsync()).Status.IsSuccess);
        Assert.True((await write.AnswerAsync()).Status.IsSuccess);
        Assert.Equal(0, (await io.Closed).AbandonedCommands);
    }

    [Fact]
    public async Task A_stuck_back_end_keeps_the_memory_of_a_pair_and_nothing_else()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions { LeaveBackendOpen = true }, backend);
        TestHost host = await target.ConnectAsync(keepAlive: 0);
        FakeQueuePair io = await host.ConnectIoAsync();
        (HostRequest compare, HostRequest write) = Commands.Fused(0, Zero, Ones);
        host.Send(io, compare);
        host.Send(io, write);
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the pair at the back end");
        host.Admin.Close(TeardownCause.HostClosed);
        while (!io.Closed.IsCompleted)
        {
            target.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }

        Assert.Equal(2, (await io.Closed).AbandonedCommands);
        await host.Admin.Closed;
        Assert.Equal(1, target.Pool.Pool.Statistics.RentedBlocks);
        Assert.Single(target.Subsystem.Controllers);
        backend.Release();
        target.Pool.AssertAllReleased();
        await TestTimeouts.UntilAsync(() => target.Subsystem.Controllers.Count == 0, "no controller");
        Assert.False(compare.IsAnswered || write.IsAnswered);
        await backend.DisposeAsync();
    }

    [Fact]
    public async Task Abort_ends_a_Compare_that_waits_and_no_pair()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend();
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        (HostRequest compare, HostRequest write) = Commands.Fused(0, Zero, Ones);
        host.Send(io, compare);
        await target.Loop.SettleAsync();
        Assert.Equal(0u, (await host.SucceedAsync(Commands.Abort(1, compare.Entry.CommandId))).Completion.Dword0);
        Assert.Equal(Abstractions.Fabrics.NvmeStatus.AbortRequested, (await compare.AnswerAsync()).Status);
        Assert.Equal(Abstractions.Fabrics.NvmeStatus.AbortedMissingFused, (await host.IoAsync(io, write)).Status);

        backend.Hold = true;
        (compare, write) = Commands.Fused(0, Zero, Ones);
        host.Send(io, compare);
        host.Send(io, write);
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the pair at the back end");
        foreach (HostRequest request in new[] { compare, write })
        {
            Assert.Equal(1u, (await host.SucceedAsync(Commands.Abort(1, request.Entry.CommandId))).Completion.Dword0);
        }

        backend.Release();
        Assert.True((await compare.AnswerAsync()).Status.IsSuccess);
        Assert.True((await write.AnswerAsync()).Status.IsSuccess);
    }
}
