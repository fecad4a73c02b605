using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Transport.Rdma.Tests.Schedules;

namespace Nvmf.Transport.Rdma.Tests.QueuePairs;

/// <summary>Handlers keep what came in capsules, and there is no memory for as many receives more.</summary>
public class ReceiveMemoryTests
{
    private const byte Write = 0x01;
    private const int Receives = 16;

    private static readonly SglDescriptor InCapsule = new() { Identifier = SglDescriptor.DataBlockOffset, Length = 512 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_last_receive_is_gone_and_hosts_are_heard_when_there_is_memory_again(bool shared)
    {
        await using TargetBench bench = await TargetBench.StartAsync(options =>
        {
            options.UseSharedReceiveQueue = shared;
            options.SharedReceiveQueueDepth = Receives;
        });
        var kept = new List<BufferLease>();
        (RawHost host, _, _) = await bench.ConnectAsync(size: Receives, configure: handler => handler.Command = command =>
        {
            kept.Add(command.InCapsuleData.Retain());
            handler.CompleteOne(command);
        });
        using RawHost connected = host;
        List<BufferLease> rest = RentAll(bench.Pool.Pool);
        for (ushort id = 1; id <= Receives; id++)
        {
            host.Send(ScheduleRunner.Entry(Write, id, InCapsule), new byte[512]);
            Assert.Equal(id, host.Receive().CommandId);
        }

        host.Send(ScheduleRunner.Entry(Write, Receives + 1, InCapsule), new byte[512]);
        await bench.SettleAsync();
        Assert.False(host.TryPoll());

        await bench.OnLoopAsync(() => ReleaseAll(kept));
        ReleaseAll(rest);
        Assert.Equal(Receives + 1, host.Receive().CommandId);
        await bench.OnLoopAsync(() => ReleaseAll(kept));
    }

    private static List<BufferLease> RentAll(BufferPool pool)
    {
        var leases = new List<BufferLease>();
        foreach (int size in (int[])[1 << 20, 4096])
        {
            while (pool.TryRent(size, BufferPriority.Administration, out BufferLease lease))
            {
                leases.Add(lease);
            }
        }

        return leases;
    }

    private static void ReleaseAll(List<BufferLease> leases)
    {
        leases.ForEach(static lease => lease.Release());
        leases.Clear();
    }
}
