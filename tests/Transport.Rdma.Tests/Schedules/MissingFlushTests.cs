using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Transport.Rdma.QueuePairs;
using Nvmf.Transport.Rdma.Tests.QueuePairs;

namespace Nvmf.Transport.Rdma.Tests.Schedules;

/// <summary>A queue pair that goes to ERR by itself and flushes only what it has then, as soft iWARP's does when the peer disconnects.</summary>
public class MissingFlushTests
{
    [Fact]
    public async Task A_receive_that_was_flushed_is_not_posted_again()
    {
        await using TargetBench bench = await StartAsync(TimeSpan.FromSeconds(30));
        (RawHost host, RdmaQueuePair queuePair, _) = await bench.ConnectAsync();
        using RawHost connected = host;
        host.Id.Disconnect();
        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience);
        Assert.Equal((TeardownCause.HostClosed, QueuePairState.Draining), (report.Cause, report.LastStage));
        Assert.Equal(0, bench.Counters.FlushTimeouts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task What_was_posted_too_late_holds_up_the_end_for_the_deadline_only(int answered)
    {
        await using TargetBench bench = await StartAsync(TimeSpan.FromMilliseconds(20));
        (RawHost host, RdmaQueuePair queuePair, ScriptedHandler handler) = await bench.ConnectAsync(configure: handler => handler.Command = command =>
        {
            if (command.Entry.CommandId < answered)
            {
                handler.CompleteOne(command);
            }
            else
            {
                handler.Hold(command);
            }
        });
        using RawHost connected = host;

        await bench.SettleAsync();

        // The capsules are taken out of the completion queue when the queue pair is in ERR already: their receives are posted once more.
        using (var busy = new ManualResetEventSlim())
        {
            bench.Loop.Thread.Post(new LoopAction(() => busy.Wait(TargetBench.Patience)));
            for (ushort id = 0; id < 4; id++)
            {
                host.Send(ScheduleRunner.Entry(0, id));
            }

            bench.Fabric.HoldEvents = true;
            host.Id.Disconnect();
            busy.Set();
            DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience);
            Assert.Equal((TeardownCause.HostClosed, QueuePairState.Draining, 0L), (report.Cause, report.LastStage, report.QuarantinedBytes));
        }

        Assert.Equal(4, handler.Arrived.Length);
        Assert.Equal(1, bench.Counters.FlushTimeouts);
    }

    private static async Task<TargetBench> StartAsync(TimeSpan flushTimeout)
    {
        TargetBench bench = await TargetBench.StartAsync(options => options.FlushTimeout = flushTimeout);
        bench.Fabric.PeerGoesToError = true;
        bench.Fabric.FlushesWhatIsPostedLate = false;
        return bench;
    }
}
