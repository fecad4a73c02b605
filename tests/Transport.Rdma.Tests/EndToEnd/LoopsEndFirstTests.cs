using System.Net;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Initiator;
using Nvmf.Testing;
using Nvmf.Transport.Rdma.QueuePairs;
using Nvmf.Transport.Rdma.Tests.HostQueuePairs;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.EndToEnd;

/// <summary>Shared loops whose owner disposes of them before the transport: queue pairs reach their fence without them, and everything ends.</summary>
public class LoopsEndFirstTests
{
    private static readonly RdmaEndPoint AnyPort = new(IPAddress.Loopback, 0);

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    public async Task Queue_pairs_of_the_target_are_fenced_and_its_listener_ends(bool shared, int count)
    {
        using var loops = new EventLoopGroup(new EventLoopGroupOptions { Count = count, Name = "rdma-shared" });
        await using RdmaFixture fixture = await RdmaFixture.StartAsync(shared, configure: options => options.EventLoops = loops);
        NvmeController controller = await fixture.ConnectAsync(queues: 2);
        NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
        await disk.WriteAsync(0, new byte[64 << 10]);

        loops.Dispose();
        Assert.Equal(3, fixture.Accepted.Count);
        foreach (QueuePair queuePair in fixture.Accepted)
        {
            DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(RdmaFixture.Patience);
            Assert.Equal((DrainStages.None, 0L), (report.PassedDeadlines, report.QuarantinedBytes));
            if (count == 1)
            {
                // Loops end one after the other: on the second the end of the association may come first.
                Assert.Equal(TeardownCause.InternalError, report.Cause);
                Assert.IsType<ObjectDisposedException>(report.Error);
            }
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => fixture.Factory.BindAsync(AnyPort).AsTask().WaitAsync(RdmaFixture.Patience));
        await fixture.Factory.DisposeAsync().AsTask().WaitAsync(RdmaFixture.Patience);
        await controller.DisposeAsync();
    }

    [Fact]
    public async Task A_queue_pair_of_the_host_is_fenced_and_its_commands_are_told()
    {
        using var loops = new EventLoopGroup(new EventLoopGroupOptions { Count = 1, Name = "rdma-shared" });
        await using var bench = new HostBench(options => options.EventLoops = loops);
        HostQueuePair queuePair = await bench.ConnectAsync();
        ProbeCommand command = bench.Command(HostBench.Read);
        Assert.True(await command.SubmitAsync(queuePair));

        loops.Dispose();
        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(HostBench.Patience);
        Assert.Equal((TeardownCause.InternalError, 0L), (report.Cause, report.QuarantinedBytes));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => command.Completed);
        Assert.False(await command.Ended, "Fenced, and yet quarantined.");
    }

    [Fact]
    public async Task Connecting_ends()
    {
        using var loops = new EventLoopGroup(new EventLoopGroupOptions { Count = 1, Name = "rdma-shared" });
        await using var bench = new HostBench(options => options.EventLoops = loops);
        Task<HostQueuePair> connecting = bench.BeginConnectAsync();
        bench.Controller.ExpectRequest();

        loops.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => connecting.WaitAsync(HostBench.Patience));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => bench.BeginConnectAsync().WaitAsync(HostBench.Patience));
    }

    /// <summary>One loop of two is gone: requests that are its turn are refused, not forgotten.</summary>
    [Fact]
    public async Task A_request_for_an_ended_loop_is_refused()
    {
        using var loops = new EventLoopGroup(new EventLoopGroupOptions { Count = 2, Name = "rdma-shared" });
        using var pool = new PoisonedPool(64 << 20);
        var fabric = new VirtualFabric();
        VirtualStack target = fabric.AddMachine("target"), host = fabric.AddMachine("host");
        var options = new RdmaTransportOptions { EventLoops = loops };
        await using (var factory = new RdmaQueuePairListenerFactory(target, pool.Pool, options, null))
        await using (var connector = new RdmaHostQueuePairConnector(host, pool.Pool, RdmaFixture.NewOptions(shared: false), null))
        {
            IQueuePairListener listener = await factory.BindAsync(AnyPort);
            loops.Loops.Single(loop => loop != ((RdmaListener)listener).Loop.Thread).Dispose();
            int refused = 0;
            for (int i = 0; i < 4; i++)
            {
                try
                {
                    HostQueuePair queuePair = await connector.ConnectAsync(listener.EndPoint, new HostQueuePairOptions { QueueId = 1, QueueSize = 8, ConnectTimeout = TimeSpan.FromSeconds(10) });
                    queuePair.Close(TeardownCause.LocalClose);
                }
                catch (ConnectionAbortedException exception) when (exception.Message.Contains("rejected", StringComparison.Ordinal))
                {
                    refused++;
                }
            }

            Assert.Equal(2, refused);
        }

        Assert.Empty(fabric.Violations);
        Assert.Empty(target.VirtualDevice.Live.Names());
    }

    /// <summary>No fence, no proof: what the adapter may still write to is never used again.</summary>
    [Fact]
    public async Task Without_a_fence_data_is_quarantined_at_T3()
    {
        using var loops = new EventLoopGroup(new EventLoopGroupOptions { Count = 1, Name = "rdma-shared" });
        await using var bench = new HostBench(options =>
        {
            options.EventLoops = loops;
            options.DrainDeadlines = options.DrainDeadlines with { Abort = TimeSpan.FromMilliseconds(200) };
        });
        bench.Destroyer.SetAutomatic(false);
        HostQueuePair queuePair = await bench.ConnectAsync();
        ProbeCommand command = bench.Command(HostBench.Read);
        Assert.True(await command.SubmitAsync(queuePair));

        loops.Dispose();
        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(HostBench.Patience);
        Assert.Equal(DrainStages.Abort, report.PassedDeadlines);
        Assert.True(report.QuarantinedBytes > 0);
        Assert.True(await command.Ended, "Released without a fence.");
        Assert.Equal(report.QuarantinedBytes, bench.Connector.Transport.Loops.Sum(static loop => loop.Counters.QuarantinedBytes));
    }
}
