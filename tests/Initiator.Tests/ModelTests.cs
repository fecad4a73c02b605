using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Transport.Tcp;
using Xunit.Abstractions;

namespace Nvmf.Initiator.Tests;

/// <summary>Random commands against the target and against an array; what is read must be the same.</summary>
public class ModelTests(ITestOutputHelper output)
{
    private const int Workers = 6;
    private const int Steps = 150;
    private const int WorkerBlocks = TargetFixture.Blocks / Workers;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Random_commands_agree_with_a_model(bool digests, bool zeroCopy)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        await using var fixture = await TargetFixture.StartAsync(zeroCopy ? ZeroCopyMode.Always : default);
        await using var controller = await fixture.ConnectAsync(new NvmeConnectOptions
        {
            SubsystemNqn = TargetFixture.Nqn,
            QueueCount = 2,
            QueueDepth = 4,
            HeaderDigest = digests,
            DataDigest = digests,
            DisableSqFlowControl = (seed & 1) != 0,
        });
        var disk = await controller.OpenNamespaceAsync(1);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(disk, worker, seed + worker))))
            .WaitAsync(TargetFixture.Patience);
    }

    /// <summary>One worker on its own blocks, one command at a time.</summary>
    private static async Task WorkAsync(NvmeNamespace disk, int worker, int seed)
    {
        var random = new Random(seed);
        var model = new byte[WorkerBlocks * TargetFixture.BlockSize];
        var first = (ulong)(worker * WorkerBlocks);
        for (var step = 0; step < Steps; step++)
        {
            var start = random.Next(WorkerBlocks - 1);
            // Mostly short, sometimes beyond the capsule, sometimes all the way.
            var longest = random.Next(4) switch { 0 => 512, 1 => 64, _ => 8 };
            var count = random.Next(1, Math.Min(longest, WorkerBlocks - start) + 1);
            await StepAsync(disk, random, model, first, start, count);
        }

        await ExpectAsync(disk, model, first, 0, 1024);
    }

    private static async Task StepAsync(NvmeNamespace disk, Random random, byte[] model, ulong first, int start, int count)
    {
        var range = model.AsMemory(start * TargetFixture.BlockSize, count * TargetFixture.BlockSize);
        var block = first + (ulong)start;
        switch (random.Next(8))
        {
            case 0:
                await disk.WriteZeroesAsync(block, (uint)count, deallocate: random.Next(2) == 0);
                range.Span.Clear();
                break;
            case 1:
                await disk.DeallocateAsync([new NvmeBlockRange(block, (uint)count)]);
                range.Span.Clear();
                break;
            case 2:
                await disk.CompareAsync(block, range);
                break;
            case 3:
                var target = random.Next(WorkerBlocks - count);
                // Overlapping ranges have no defined result.
                if (Math.Abs(target - start) < count)
                {
                    break;
                }

                await disk.CopyAsync(first + (ulong)target, [new NvmeBlockRange(block, (uint)count)]);
                range.CopyTo(model.AsMemory(target * TargetFixture.BlockSize));
                break;
            case 4 or 5:
                await ExpectAsync(disk, model, first, start, count);
                break;
            default:
                random.NextBytes(range.Span);
                await disk.WriteAsync(block, range, forceUnitAccess: random.Next(4) == 0);
                break;
        }
    }

    private static async Task ExpectAsync(NvmeNamespace disk, byte[] model, ulong first, int start, int count)
    {
        var memory = new byte[count * TargetFixture.BlockSize];
        await disk.ReadAsync(first + (ulong)start, memory);
        var expected = model.AsSpan(start * TargetFixture.BlockSize, memory.Length);
        var difference = expected.CommonPrefixLength(memory);
        Assert.True(difference == memory.Length, $"Byte {difference} of {count} blocks from {first + (ulong)start} on differs.");
    }
}
