using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Rdma.Tests.HostQueuePairs;

/// <summary>When a host's data may be used again (invariant I2, failures F1 and F4), whatever the controller does.</summary>
public class ReleaseTests
{
    /// <summary>The controller goes away at each step of a command.</summary>
    [Theory]
    [InlineData(HostBench.Read, "before the capsule")]
    [InlineData(HostBench.Write, "before the capsule")]
    [InlineData(HostBench.Read, "with the capsule")]
    [InlineData(HostBench.Write, "with the capsule")]
    [InlineData(HostBench.Read, "after data")]
    [InlineData(HostBench.Write, "after data")]
    [InlineData(HostBench.Read, "after the response")]
    public async Task A_controller_that_disconnects_leaves_nothing_behind(byte opcode, string step)
    {
        await using var bench = new HostBench();
        HostQueuePair queuePair = await bench.ConnectAsync();
        ProbeCommand command = bench.Command(opcode);
        bench.Fabric.HoldTransfers = step == "before the capsule";
        Assert.True(await command.SubmitAsync(queuePair));
        if (step != "before the capsule")
        {
            SubmissionQueueEntry entry = bench.Controller.Receive();
            if (step == "after data")
            {
                bench.Controller.Move(opcode == HostBench.Read ? SendOpcode.RdmaWrite : SendOpcode.RdmaRead, entry.Sgl, 4096);
            }
            else if (step == "after the response")
            {
                bench.Controller.Respond(entry.CommandId);
                await command.Completed;
            }
        }

        bench.Controller.Id.Disconnect();
        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(HostBench.Patience);
        Assert.Equal((TeardownCause.HostClosed, 0), (report.Cause, report.QuarantinedBytes));
        if (step != "after the response")
        {
            await Assert.ThrowsAnyAsync<Exception>(() => command.Completed);
        }

        Assert.False(await command.Ended);
    }

    /// <summary>
    /// The queue pair breaks, and the command fails at once; but until the queue pair is destroyed the controller's adapter may still write there, so until then it is
    /// not released.
    /// </summary>
    [Theory]
    [InlineData(HostBench.Read)]
    [InlineData(HostBench.Write)]
    public async Task Data_without_an_answer_is_released_by_the_fence_alone(byte opcode)
    {
        await using var bench = new HostBench();
        bench.Destroyer.SetAutomatic(false);
        HostQueuePair queuePair = await bench.ConnectAsync();
        ProbeCommand command = bench.Command(opcode);
        Assert.True(await command.SubmitAsync(queuePair));
        bench.Controller.Receive();
        bench.HostMachine.VirtualDevice.Emit(AsyncEventType.QueuePairFatal, bench.Controller.QueuePair.Peer);
        await Assert.ThrowsAnyAsync<Exception>(() => command.Completed);
        await HostBench.EventuallyAsync(() => bench.Destroyer.Waiting == 1, "Nobody asked for the destruction.");
        await bench.SettleAsync();
        Assert.False(command.HasEnded, "Released while the controller may still reach the data.");
        bench.Destroyer.SetAutomatic(true);
        Assert.False(await command.Ended);
    }

    /// <summary>An answer overtakes the completion of the capsule's send: in-capsule data is being read by the adapter until that one has come.</summary>
    [Fact]
    public async Task In_capsule_data_is_released_by_the_sends_completion_alone()
    {
        await using var bench = new HostBench();
        HostQueuePair queuePair = await bench.ConnectAsync();
        queuePair.InCapsuleDataSize = 4096;
        ProbeCommand command = bench.Command(HostBench.Write, 4096, value: 7);
        bench.Controller.QueuePair.Peer!.HoldSendCompletions = true;
        Assert.True(await command.SubmitAsync(queuePair));
        SubmissionQueueEntry entry = bench.Controller.Receive(out byte[] data);
        Assert.Equal((4096, -1), (data.Length, data.AsSpan().IndexOfAnyExcept((byte)7)));
        bench.Controller.Respond(entry.CommandId);
        await command.Completed;
        await bench.SettleAsync();
        Assert.False(command.HasEnded, "Released while the adapter may still send it.");
        bench.Controller.QueuePair.Peer!.HoldSendCompletions = false;
        bench.Fabric.DeliverCompletions();
        Assert.False(await command.Ended);
        await HostBench.CloseAsync(queuePair);
    }

    /// <summary>T3 passes: the destruction never returns. What the controller may reach is quarantined, and its commands hear that instead of a release.</summary>
    [Fact]
    public async Task Without_a_fence_commands_are_quarantined()
    {
        await using var bench = new HostBench(options => options.DrainDeadlines =
            new DrainDeadlines(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100)));
        bench.Destroyer.SetAutomatic(false);
        HostQueuePair queuePair = await bench.ConnectAsync();
        ProbeCommand exposed = bench.Command(HostBench.Read, 8192), dataless = new(0x00), thrower = bench.Command(HostBench.Write, 4096), answered = bench.Command(HostBench.Read);
        thrower.Ending = static () => throw new InvalidOperationException("A command that throws.");
        foreach (ProbeCommand command in (ProbeCommand[])[thrower, exposed, dataless, answered])
        {
            Assert.True(await command.SubmitAsync(queuePair));
        }

        SubmissionQueueEntry[] entries = [bench.Controller.Receive(), bench.Controller.Receive(), bench.Controller.Receive(), bench.Controller.Receive()];
        bench.Controller.Respond(entries[3].CommandId);
        Assert.False(await answered.Ended);
        queuePair.Close(TeardownCause.KeepAliveExpired);
        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(HostBench.Patience);
        Assert.True(await exposed.Ended);
        Assert.True(await thrower.Ended);
        Assert.False(await dataless.Ended);
        Assert.True(report.QuarantinedBytes >= 8192 + 4096, $"{report.QuarantinedBytes} bytes.");
        Assert.Equal(report.QuarantinedBytes, bench.Loop.Counters.QuarantinedBytes);

        // It returns after all, and nobody hears of it a second time.
        bench.Destroyer.SetAutomatic(true);
        await HostBench.EventuallyAsync(() => queuePair.Lifecycle.References == default, "References are left.");
        Assert.Equal(report.QuarantinedBytes, bench.Loop.Counters.QuarantinedBytes);
    }

    /// <summary>What a command's callback throws ends the queue pair; no other command misses its end, and no memory is lost.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_callback_that_throws_harms_only_its_queue_pair(bool completing)
    {
        await using var bench = new HostBench();
        HostQueuePair queuePair = await bench.ConnectAsync();
        ProbeCommand thrower = bench.Command(HostBench.Read), other = bench.Command(HostBench.Read);
        static void Throw() => throw new InvalidOperationException("A command that throws.");
        thrower.Completing = completing ? Throw : null;
        thrower.Ending = completing ? null : Throw;
        Assert.True(await thrower.SubmitAsync(queuePair));
        Assert.True(await other.SubmitAsync(queuePair));
        bench.Controller.Respond(bench.Controller.Receive().CommandId);
        Assert.False(await thrower.Ended);
        await Assert.ThrowsAnyAsync<Exception>(() => other.Completed);
        Assert.False(await other.Ended);
        Assert.Equal(TeardownCause.InternalError, (await queuePair.Lifecycle.Completion.WaitAsync(HostBench.Patience)).Cause);
    }
}
