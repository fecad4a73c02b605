using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator;
using Nvmf.Transport.Rdma.Tests.Virtual;
using Xunit.Abstractions;

namespace Nvmf.Transport.Rdma.Tests.EndToEnd;

/// <summary>Ends of all kinds under load over a slow adapter: what was read successfully is right, and everything comes back.</summary>
public class TeardownTests(ITestOutputHelper output)
{
    private const int Blocks = 2048;

    [Theory]
    [InlineData("close", false)]
    [InlineData("close", true)]
    [InlineData("abort", false)]
    [InlineData("abort", true)]
    [InlineData("subsystem", false)]
    [InlineData("host", false)]
    [InlineData("host abort", true)]
    [InlineData("disconnect", false)]
    [InlineData("device", false)]
    [InlineData("device", true)]
    [InlineData("dispose", true)]
    public async Task Under_load(string cause, bool shared)
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using RdmaFixture fixture = await RdmaFixture.StartAsync(shared);
        NvmeController controller = await fixture.ConnectAsync(queues: 2, depth: 16);
        NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
        byte[] content = new byte[Blocks * RdmaFixture.BlockSize];
        new Random(seed).NextBytes(content);
        await disk.WriteAsync(0, content);
        int reads = 0, writes = 0;
        using (var adapter = new SlowAdapter(fixture.Fabric, seed))
        {
            Task[] workers = [.. Enumerable.Range(0, 8).Select(worker => Task.Run(() => WorkAsync(worker)))];
            await WaitAsync(() => Volatile.Read(ref reads) > 40 && Volatile.Read(ref writes) > 10);
            await EndAsync(cause, fixture, controller);
            await Task.WhenAll(workers).WaitAsync(RdmaFixture.Patience);
        }

        foreach (QueuePair queuePair in fixture.Accepted)
        {
            DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(RdmaFixture.Patience);
            Assert.Equal(0, report.QuarantinedBytes);
        }

        await controller.DisposeAsync();
        output.WriteLine($"{reads} reads, {writes} writes");

        async Task WorkAsync(int worker)
        {
            var random = new Random(seed + worker);
            try
            {
                while (true)
                {
                    int blocks = 1 << random.Next(10);
                    int start = random.Next(Blocks - blocks);
                    byte[] data = new byte[blocks * RdmaFixture.BlockSize];
                    if (random.Next(4) == 0)
                    {
                        content.AsSpan(start * RdmaFixture.BlockSize, data.Length).CopyTo(data);
                        await disk.WriteAsync((ulong)start, data);
                        Interlocked.Increment(ref writes);
                    }
                    else
                    {
                        await disk.ReadAsync((ulong)start, data);
                        Interlocked.Increment(ref reads);
                        int difference = content.AsSpan(start * RdmaFixture.BlockSize, data.Length).CommonPrefixLength(data);
                        Assert.True(difference == data.Length, $"Byte {difference} of {data.Length} from block {start} on is foreign.");
                    }
                }
            }
            catch (Exception exception) when (exception is NvmeConnectionException or NvmeException or ObjectDisposedException)
            {
                // The end.
            }
        }
    }

    private static async Task EndAsync(string cause, RdmaFixture fixture, NvmeController controller)
    {
        switch (cause)
        {
            case "close":
                foreach (QueuePair queuePair in fixture.Accepted)
                {
                    queuePair.Close(TeardownCause.ListenerRemoved);
                }

                break;
            case "abort":
                foreach (QueuePair queuePair in fixture.Accepted)
                {
                    queuePair.Lifecycle.Abort();
                }

                break;
            case "subsystem":
                await fixture.Target.RemoveSubsystemAsync(RdmaFixture.Nqn).WaitAsync(RdmaFixture.Patience);
                break;
            case "host":
                await controller.DisposeAsync().AsTask().WaitAsync(RdmaFixture.Patience);
                break;
            case "host abort":
                foreach (var connection in fixture.Connector.Transport.Connections)
                {
                    connection.Lifecycle.Abort();
                }

                break;
            case "disconnect":
                foreach (var connection in fixture.Factory.Transport.Connections)
                {
                    ((VirtualCmId)connection.Id).Peer?.Inject(ConnectionEventType.Disconnected);
                    ((VirtualCmId)connection.Id).Inject(ConnectionEventType.Disconnected);
                }

                break;
            case "device":
                fixture.TargetMachine.VirtualDevice.Emit(AsyncEventType.DeviceFatal);
                break;
            default:
                await fixture.UnbindAsync();
                await fixture.Factory.DisposeAsync().AsTask().WaitAsync(RdmaFixture.Patience);
                break;
        }
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        for (long start = Environment.TickCount64; !condition(); await Task.Delay(1))
        {
            Assert.True(Environment.TickCount64 - start < RdmaFixture.Patience.TotalMilliseconds, "The load did not begin.");
        }
    }
}
