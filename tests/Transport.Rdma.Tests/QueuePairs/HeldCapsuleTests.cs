using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.QueuePairs;
using Nvmf.Transport.Rdma.Tests.Schedules;

namespace Nvmf.Transport.Rdma.Tests.QueuePairs;

/// <summary>Capsules that come before anybody serves their queue pair.</summary>
public class HeldCapsuleTests
{
    private const int Size = 4;
    private const int SharedDepth = 64;

    [Fact]
    public async Task A_host_cannot_collect_the_shared_receives_of_others()
    {
        await using TargetBench bench = await TargetBench.StartAsync(options =>
        {
            options.UseSharedReceiveQueue = true;
            options.SharedReceiveQueueDepth = SharedDepth;
        });
        (RawHost host, RdmaQueuePair queuePair) = await ConnectAsync(bench);
        using RawHost connected = host;
        for (ushort id = 0; id < SharedDepth / 2; id++)
        {
            host.Send(ScheduleRunner.Entry(0, id));
        }

        Assert.Equal(TeardownCause.ProtocolError, (await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience)).Cause);
        await bench.OnLoopAsync(() => Assert.Equal(SharedDepth, bench.Counters.SharedReceivesPosted));
    }

    [Fact]
    public async Task As_many_as_the_queue_has_are_served_later()
    {
        await using TargetBench bench = await TargetBench.StartAsync(options => options.UseSharedReceiveQueue = true);
        (RawHost host, RdmaQueuePair queuePair) = await ConnectAsync(bench);
        using RawHost connected = host;
        for (ushort id = 0; id < Size; id++)
        {
            host.Send(ScheduleRunner.Entry(0, id));
        }

        await bench.SettleAsync();
        var handler = new ScriptedHandler(bench.Pool.Pool);
        handler.Command = handler.CompleteOne;
        queuePair.Start(handler);
        for (ushort id = 0; id < Size; id++)
        {
            Assert.Equal(id, host.Receive().CommandId);
        }
    }

    [Fact]
    public async Task Shared_receives_that_found_no_memory_are_posted_when_there_is_some_again()
    {
        const int Depth = 16;
        await using TargetBench bench = await TargetBench.StartAsync(options =>
        {
            options.UseSharedReceiveQueue = true;
            options.SharedReceiveQueueDepth = Depth;
        });
        var kept = new List<BufferLease>();
        (RawHost host, _, _) = await bench.ConnectAsync(configure: handler => handler.Command = command =>
        {
            kept.Add(command.InCapsuleData.Retain());
            handler.CompleteOne(command);
        });
        using RawHost connected = host;
        for (int size = bench.Pool.Pool.MaxLength; size >= 512; size /= 2)
        {
            while (bench.Pool.Pool.TryRent(size, BufferPriority.InputOutput, out BufferLease lease))
            {
                kept.Add(lease);
            }
        }

        var sgl = new SglDescriptor { Identifier = SglDescriptor.DataBlockOffset, Length = 512 };
        for (ushort id = 0; id < Depth; id++)
        {
            host.Send(ScheduleRunner.Entry(0x01, id, sgl), new byte[512]);
            host.Receive();
        }

        // None is left whose completion could bring back the others.
        await bench.OnLoopAsync(() => Assert.Equal(0, bench.Counters.SharedReceivesPosted));
        kept.ForEach(static lease => lease.Release());
        await bench.EventuallyAsync(() => Interlocked.Read(ref bench.Counters.SharedReceivesPosted) == Depth, "The receives are not posted.");
    }

    private static async Task<(RawHost Host, RdmaQueuePair QueuePair)> ConnectAsync(TargetBench bench)
    {
        var host = new RawHost(bench.HostMachine);
        host.Connect(bench.Port, size: Size);
        host.Expect(ConnectionEventType.Established);
        return (host, await bench.AcceptAsync());
    }
}
