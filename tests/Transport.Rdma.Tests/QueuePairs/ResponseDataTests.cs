using Nvmf.Abstractions.Buffers;
using Nvmf.Transport.Rdma.QueuePairs;
using Nvmf.Transport.Rdma.Tests.Schedules;

namespace Nvmf.Transport.Rdma.Tests.QueuePairs;

/// <summary>A response's data belongs to the adapter from the post to the completion (invariant I1, failure F1), or to the fence where none comes.</summary>
public class ResponseDataTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Data_is_released_by_its_completion_or_the_fence_alone(bool fence)
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        BufferLease data = default;
        (RawHost host, RdmaQueuePair queuePair, ScriptedHandler handler) = await bench.ConnectAsync(configure: handler => handler.Command = command =>
        {
            Assert.True(bench.Pool.Pool.TryRent(4096, BufferPriority.InputOutput, out data));
            data.Span.Fill(3);
            bench.Fabric.HoldTransfers = true;
            command.CompleteWithData(ScriptedHandler.Completion(command), data);
        });
        using RawHost connected = host;
        bench.Destroyer.SetAutomatic(false);
        host.Send(ScheduleRunner.Entry(0x02, 1, host.Keyed(0, 4096)));
        await bench.EventuallyAsync(() => handler.Arrived.Length == 1, "The command did not come.");
        await bench.SettleAsync();
        Assert.False(IsReleased(data), "The adapter has not read it yet.");
        bench.Fabric.HoldCompletions = true;
        bench.Fabric.RunTransfers();
        await bench.SettleAsync();
        Assert.False(IsReleased(data), "The adapter has not said that it has.");
        if (fence)
        {
            queuePair.Lifecycle.Abort();
            await bench.EventuallyAsync(() => bench.Destroyer.Waiting == 1, "Nobody asked for the destruction.");
            await bench.SettleAsync();
            Assert.False(IsReleased(data), "The queue pair is not destroyed yet.");
            bench.Destroyer.SetAutomatic(true);
            await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience);
        }

        bench.Fabric.DeliverAll();
        await bench.EventuallyAsync(() => IsReleased(data), "The data was not given back.");
        Assert.Equal(-1, host.Data[..4096].IndexOfAnyExcept((byte)3));
        bench.Destroyer.SetAutomatic(true);
    }

    /// <summary>A lease that was released says so.</summary>
    private static bool IsReleased(BufferLease lease)
    {
        try
        {
            return lease.Span.IsEmpty;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
