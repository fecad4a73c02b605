using Nvmf.Abstractions.Buffers;
using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Target.Namespaces;
using Xunit.Abstractions;

namespace Nvmf.Initiator.Tests;

/// <summary>What is built on single commands: transfers above MDTS, and streams.</summary>
public class BlockDeviceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_transfer_above_mdts_is_split()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var controller = await fixture.ConnectAsync();
        var disk = await controller.OpenNamespaceAsync(1);
        var data = new byte[(3 * disk.MaxTransferLength) + (5 * TargetFixture.BlockSize)];
        Random.Shared.NextBytes(data);
        await disk.WriteAsync(7, data);
        Assert.Equal(4, fixture.Disk.Seen(BackendOperation.Write));
        var back = new byte[data.Length];
        await disk.ReadAsync(7, back);
        Assert.True(data.AsSpan().SequenceEqual(back));
        await disk.CompareAsync(7, data);

        // One of them beyond the end: the others end first, then the error comes.
        var last = (ulong)TargetFixture.Blocks - (ulong)(data.Length / TargetFixture.BlockSize) + 1;
        var error = await Assert.ThrowsAsync<NvmeException>(() => disk.WriteAsync(last, data).AsTask()).WaitAsync(TargetFixture.Patience);
        Assert.Contains("LBA Out of Range", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_early_signal_of_a_write_comes_once()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var controller = await fixture.ConnectAsync();
        var disk = await controller.OpenNamespaceAsync(1);
        Assert.True(fixture.HostPool.Pool.TryRent(4096, BufferPriority.InputOutput, out var lease));
        lease.Span.Fill(1);
        var answered = 0;
        await disk.WriteAsync(0, lease, () => Interlocked.Increment(ref answered));
        Assert.Equal(1, answered);
        await Assert.ThrowsAsync<NvmeException>(() => disk.WriteAsync(TargetFixture.Blocks, lease, () => Interlocked.Increment(ref answered)).AsTask());
        Assert.Equal(1, answered);
        lease.Release();
    }

    [Fact]
    public async Task A_stream_agrees_with_a_memory_stream()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var fixture = await TargetFixture.StartAsync();
        await using var controller = await fixture.ConnectAsync();
        var disk = await controller.OpenNamespaceAsync(1);
        await using var stream = disk.OpenStream();
        Assert.Equal((long)TargetFixture.Blocks * TargetFixture.BlockSize, stream.Length);
        var model = new byte[64 << 10];
        for (var step = 0; step < 200; step++)
        {
            var offset = random.Next(model.Length);
            var length = random.Next(Math.Min(random.Next(2) == 0 ? 700 : 20_000, model.Length - offset));
            stream.Position = offset;
            if (random.Next(2) == 0)
            {
                var data = new byte[length];
                random.NextBytes(data);
                data.CopyTo(model, offset);
                if (step % 7 == 0)
                {
                    stream.Write(data, 0, length);
                }
                else
                {
                    await stream.WriteAsync(data);
                }
            }
            else
            {
                var data = new byte[length];
                await stream.ReadExactlyAsync(data);
                Assert.True(model.AsSpan(offset, length).SequenceEqual(data), $"step {step}: {length} bytes at {offset} differ");
            }

            Assert.Equal(offset + length, stream.Position);
        }

        await stream.FlushAsync();
        Assert.Equal(1, fixture.Disk.Seen(BackendOperation.Flush));
        Assert.Equal(stream.Length, stream.Seek(0, SeekOrigin.End));
        Assert.Equal(0, await stream.ReadAsync(new byte[10]));
        await Assert.ThrowsAsync<IOException>(() => stream.WriteAsync(new byte[1]).AsTask());
        await using var reading = disk.OpenStream(FileAccess.Read);
        await Assert.ThrowsAsync<NotSupportedException>(() => reading.WriteAsync(new byte[1]).AsTask());
    }
}
