using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.QueuePairs;
using Nvmf.Transport.Rdma.Tests.Schedules;
using Nvmf.Transport.Rdma.Tests.Virtual;
using Xunit.Abstractions;

namespace Nvmf.Transport.Rdma.Tests.QueuePairs;

/// <summary>What a batch of the loop sends goes out in one call, and the accounts are right when the adapter takes only a part of it.</summary>
public class BatchTests(ITestOutputHelper output)
{
    private const byte Read = 0x02;
    private const int Commands = 8;

    [Fact]
    public async Task The_responses_of_a_batch_are_posted_in_one_call()
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        (RawHost host, _, _) = await bench.ConnectAsync(configure: handler => handler.Command = handler.CompleteOne);
        using RawHost connected = host;
        long posts = bench.Counters.SendPosts, requests = bench.Counters.SendWorkRequests;
        Send(bench, host);
        for (int i = 0; i < Commands; i++)
        {
            Assert.Equal((i + 1, NvmeStatus.Success), Answer(host));
        }

        Assert.Equal(2 * Commands, bench.Counters.SendWorkRequests - requests);
        output.WriteLine($"{bench.Counters.SendPosts - posts} posts for {Commands} commands");
        Assert.Equal(1, bench.Counters.SendPosts - posts);
    }

    /// <summary>A write and a send per command: the cut is before, in the middle of, and behind commands.</summary>
    [Fact]
    public async Task An_adapter_that_takes_a_part_of_a_batch_ends_the_queue_pair_and_nothing_is_lost()
    {
        for (int taken = 0; taken < 2 * Commands; taken++)
        {
            await using TargetBench bench = await TargetBench.StartAsync();
            (RawHost host, RdmaQueuePair queuePair, ScriptedHandler handler) = await bench.ConnectAsync(configure: handler => handler.Command = handler.CompleteOne);
            using RawHost connected = host;
            ((VirtualCmId)queuePair.Connection.Id).QueuePair!.Takes = taken;
            Send(bench, host);
            DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience);
            await bench.EventuallyAsync(() => handler.ClosedCalls == 1, "The handler was not told of the end.");
            Assert.Equal((TeardownCause.InternalError, QueuePairState.Draining, 0L), (report.Cause, report.LastStage, report.QuarantinedBytes));
            Assert.Contains("ibv_post_send", report.Error!.Message, StringComparison.Ordinal);
            Assert.Equal(new QueuePairReferences(0, 0, 0, 0, 0), queuePair.Lifecycle.References);
            for (int i = 0; i < taken / 2; i++)
            {
                Assert.Equal((i + 1, NvmeStatus.Success), Answer(host));
            }

            Assert.False(host.TryPoll());
            bench.Pool.AssertNoViolations();
        }
    }

    /// <summary>An abort between the command's completion and the end of the batch: what was not posted yet is given back, not posted.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_waits_for_the_end_of_the_batch_goes_with_the_queue_pair(bool peerGone)
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        RdmaQueuePair? pair = null;
        (RawHost host, RdmaQueuePair queuePair, ScriptedHandler handler) = await bench.ConnectAsync(configure: handler => handler.Command = command =>
        {
            handler.CompleteOne(command);
            if (peerGone)
            {
                pair!.Connection.AbortBecause(TeardownCause.ConnectionReset, new IOException("Lost."));
            }
            else
            {
                pair!.Lifecycle.Abort();
            }
        });
        using RawHost connected = host;
        pair = queuePair;
        Send(bench, host);
        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience);
        Assert.Equal(0, report.QuarantinedBytes);
        await bench.EventuallyAsync(() => queuePair.Lifecycle.References == default, "References are left.");
    }

    /// <summary>All in one completion queue poll.</summary>
    private static void Send(TargetBench bench, RawHost host)
    {
        bench.Fabric.HoldCompletions = true;
        for (ushort i = 1; i <= Commands; i++)
        {
            host.Send(ScheduleRunner.Entry(Read, i, host.Keyed(i * 4096, 4096)));
        }

        bench.Fabric.DeliverAll();
    }

    private static (int, NvmeStatus) Answer(RawHost host)
    {
        CompletionQueueEntry completion = host.Receive();
        return (completion.CommandId, completion.Status);
    }
}
