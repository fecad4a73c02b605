using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Queues;

public class TeardownTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stuck_back_end_keeps_its_memory_and_nothing_else(bool inCapsule)
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions { LeaveBackendOpen = true }, backend);
        TestHost host = await target.ConnectAsync(keepAlive: 0);
        FakeQueuePair io = await host.ConnectIoAsync();
        HostRequest write = host.Send(io, Commands.Write(0, new byte[4096], inCapsule: inCapsule));
        HostRequest read = host.Send(io, Commands.Read(0, 8));
        await TestTimeouts.UntilAsync(() => backend.Held == 2, "the commands at the back end");
        host.Admin.Close(TeardownCause.HostClosed);
        while (!io.Closed.IsCompleted)
        {
            target.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }

        Assert.Equal(2, (await io.Closed).AbandonedCommands);
        await host.Admin.Closed;
        Assert.Equal(2, target.Pool.Pool.Statistics.RentedBlocks);

        // The identifier is not free while a write of its controller can still reach the medium.
        Assert.Equal(ControllerState.Ended, Assert.Single(target.Subsystem.Controllers).State);
        backend.Release();
        target.Pool.AssertAllReleased();
        await TestTimeouts.UntilAsync(() => target.Subsystem.Controllers.Count == 0, "no controller");
        Assert.False(write.IsAnswered);
        Assert.False(read.IsAnswered);
        await backend.DisposeAsync();
    }

    [Fact]
    public async Task Commands_that_wait_are_dropped_and_those_at_the_back_end_finish()
    {
        await using var target = new TestTarget(poolLimit: 6 << 20);
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        HostRequest atBackend = host.Send(io, Commands.Read(0, 1));
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the read at the back end");
        var withheld = new HostRequest(Commands.InputOutput(InputOutputOpcode.Write, 0, 1)) { HostData = new byte[512], WithholdData = true };
        host.Send(io, withheld);
        await target.Loop.SettleAsync();
        var taken = new List<BufferLease>();
        while (target.Pool.Pool.TryRent(4096, BufferPriority.InputOutput, out BufferLease lease))
        {
            taken.Add(lease);
        }

        HostRequest waiting = host.Send(io, Commands.Read(0, 1));
        await TestTimeouts.UntilAsync(() => target.Pool.Pool.Statistics.Waiters == 1, "the read waiting for memory");
        io.Close(TeardownCause.ListenerRemoved);
        Assert.Equal(AnswerEnding.Dropped, (await waiting.AnswerAsync()).Ending);
        Assert.Equal(AnswerEnding.Dropped, (await withheld.AnswerAsync()).Ending);
        Assert.Equal(0, target.Pool.Pool.Statistics.Waiters);
        Assert.False(atBackend.IsAnswered);
        backend.Release();
        Assert.Equal(AnswerEnding.Completed, (await atBackend.AnswerAsync()).Ending);
        DrainReport report = await io.Closed;
        Assert.Equal((TeardownCause.ListenerRemoved, 0), (report.Cause, report.AbandonedCommands));
        taken.ForEach(lease => lease.Release());
    }

    [Fact]
    public async Task Turns_for_memory_race_with_the_end()
    {
        await using var target = new TestTarget(poolLimit: 6 << 20);
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        for (int i = 0; i < 100; i++)
        {
            FakeQueuePair io = await host.ConnectIoAsync();
            var taken = new List<BufferLease>();
            while (target.Pool.Pool.TryRent(4096, BufferPriority.InputOutput, out BufferLease lease))
            {
                taken.Add(lease);
            }

            HostRequest[] reads = [.. Enumerable.Range(0, 8).Select(_ => host.Send(io, Commands.Read(0, 1)))];
            await TestTimeouts.UntilAsync(() => target.Pool.Pool.Statistics.Waiters == 8, "the reads waiting");
            Task release = Task.Run(() => taken.ForEach(lease => lease.Release()));
            io.Close(TeardownCause.ConnectionReset);
            await release;
            await io.Closed;
            Assert.All(reads, read => Assert.True(read.IsAnswered));
        }
    }

    [Fact]
    public async Task Responses_in_flight_outlive_their_commands()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        io.HoldTransmissions = true;
        await host.IoAsync(io, Commands.Read(0, 8));
        Assert.Equal(1, target.Pool.Pool.Statistics.RentedBlocks);
        Assert.Equal(1, io.Lifecycle.References.Transmissions);
        io.Close(TeardownCause.HostClosed);
        await io.Closed;
    }
}
