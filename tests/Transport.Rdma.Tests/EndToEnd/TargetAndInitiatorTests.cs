using Nvmf.Initiator;
using Xunit.Abstractions;

namespace Nvmf.Transport.Rdma.Tests.EndToEnd;

public class TargetAndInitiatorTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connect_identify_and_disconnect(bool shared)
    {
        await using RdmaFixture fixture = await RdmaFixture.StartAsync(shared);
        await using NvmeController controller = await fixture.ConnectAsync();
        var identity = await controller.IdentifyControllerAsync();
        Assert.NotEqual(0, identity.ControllerId);
        NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
        Assert.Equal((ulong)RdmaFixture.Blocks, disk.BlockCount);
    }

    [Theory]
    [InlineData(false, 4 << 10)]
    [InlineData(false, 64 << 10)]
    [InlineData(false, 1 << 20)]
    [InlineData(true, 512)]
    [InlineData(true, 128 << 10)]
    public async Task What_is_written_is_read(bool shared, int length)
    {
        await using RdmaFixture fixture = await RdmaFixture.StartAsync(shared);
        await using NvmeController controller = await fixture.ConnectAsync();
        NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
        byte[] written = new byte[length], read = new byte[length];
        new Random(length).NextBytes(written);
        await disk.WriteAsync(8, written).AsTask().WaitAsync(RdmaFixture.Patience);
        await disk.ReadAsync(8, read).AsTask().WaitAsync(RdmaFixture.Patience);
        Assert.Equal(written, read);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_in_flight_of_all_sizes(bool shared)
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using RdmaFixture fixture = await RdmaFixture.StartAsync(shared);
        await using NvmeController controller = await fixture.ConnectAsync(queues: 2, depth: 24);
        NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
        const int Workers = 16, WorkerBlocks = RdmaFixture.Blocks / Workers;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(worker)))).WaitAsync(RdmaFixture.Patience);

        async Task WorkAsync(int worker)
        {
            var random = new Random(seed + worker);
            for (int i = 0; i < 40; i++)
            {
                int blocks = 1 << random.Next(12);
                int start = random.Next(WorkerBlocks - blocks + 1);
                ulong block = (ulong)((worker * WorkerBlocks) + start);
                byte[] written = new byte[blocks * RdmaFixture.BlockSize], read = new byte[written.Length];
                random.NextBytes(written);
                await disk.WriteAsync(block, written);
                await disk.ReadAsync(block, read);
                int difference = written.AsSpan().CommonPrefixLength(read);
                Assert.True(difference == written.Length, $"Worker {worker}: byte {difference} of {written.Length} differs.");
            }
        }
    }
}
