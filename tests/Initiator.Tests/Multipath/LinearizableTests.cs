using System.Buffers.Binary;
using System.Diagnostics;
using Nvmf.Initiator.Multipath;
using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Initiator.Tests.Multipath.Fakes;
using Nvmf.Target;
using Xunit.Abstractions;

namespace Nvmf.Initiator.Tests.Multipath;

/// <summary>
/// Writers and readers of the same few blocks, while paths fail and the target restarts: every block behaves as if each write happened once, when it said so. One writer of a
/// block at a time: of two that overlap, the one that is sent again may be executed before and after the other, and no fence can change that.
/// </summary>
public class LinearizableTests(ITestOutputHelper output)
{
    private const int Blocks = 6;
    private const int Workers = 8;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(6);

    private readonly LinearizableBlock[] _blocks = [.. Enumerable.Range(0, Blocks).Select(_ => new LinearizableBlock())];
    private readonly SemaphoreSlim[] _writing = [.. Enumerable.Range(0, Blocks).Select(_ => new SemaphoreSlim(1))];
    private long _lastValue;
    private int _operations;
    private int _failures;

    [Fact]
    public async Task No_acknowledged_write_is_lost_and_none_comes_back()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        await using var fixture = await MultipathFixture.StartAsync(paths: 3, seed, new NvmeTargetOptions { CommandQuiesceTime = TimeSpan.FromSeconds(1) });
        fixture.Disk.OneSlowIn = 10;
        fixture.Proxies[2].Up.Swallows = true;
        await using var subsystem = await fixture.ConnectAsync(MultipathFixture.NewOptions(commandTimeout: TimeSpan.FromMilliseconds(500), queues: 2));
        var disk = await subsystem.OpenNamespaceAsync(1);
        using var stop = new CancellationTokenSource();
        var workers = Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(disk, new Random(seed + worker), stop.Token))).ToArray();
        await BreakAsync(fixture, new Random(seed - 1));
        await stop.CancelAsync();
        await Task.WhenAll(workers).WaitAsync(TargetFixture.Patience);
        // What is there in the end is what the last writes left.
        for (ulong block = 0; block < Blocks; block++)
        {
            await ReadAsync(disk, block);
        }

        output.WriteLine($"{_operations} operations, {_failures} failed, {subsystem.Paths.Sum(path => path.Associations)} associations");
        output.WriteLine(string.Join('\n', fixture.Log.Lines.Where(line => line.Contains("fenced", StringComparison.Ordinal))));
        Assert.Equal(0, _failures);
        Assert.True(_operations > 200, $"Only {_operations} operations.");
        Assert.All(_blocks, block => Assert.Null(block.Explain()));
    }

    [Fact]
    public void The_checker_sees_lost_writes_ghosts_and_stale_reads()
    {
        var fine = new LinearizableBlock();
        fine.Wrote(1, 10, 20);
        fine.Wrote(2, 15, 30);
        fine.Read(1, 18, 22);
        fine.Read(2, 25, 28);
        fine.Wrote(3, 40, null);
        fine.Read(2, 50, 60);
        Assert.Null(fine.Explain());
        fine.Read(3, 70, 80);
        Assert.Null(fine.Explain());

        var lost = new LinearizableBlock();
        lost.Wrote(1, 10, 20);
        lost.Wrote(2, 30, 40);
        lost.Read(1, 50, 60);
        Assert.NotNull(lost.Explain());

        var ghost = new LinearizableBlock();
        ghost.Wrote(1, 10, 100);
        ghost.Read(1, 20, 25);
        ghost.Wrote(2, 30, 40);
        ghost.Read(2, 45, 50);
        Assert.Null(ghost.Explain());
        ghost.Read(1, 60, 70);
        Assert.NotNull(ghost.Explain());

        var never = new LinearizableBlock();
        never.Wrote(1, 10, 20);
        never.Read(0, 30, 40);
        Assert.NotNull(never.Explain());

        var foreign = new LinearizableBlock();
        foreign.Read(77, 10, 20);
        Assert.NotNull(foreign.Explain());
    }

    private async Task WorkAsync(NvmeMultipathNamespace disk, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var block = (ulong)random.Next(Blocks);
            if (random.Next(2) == 0)
            {
                await ReadAsync(disk, block);
            }
            else if (await _writing[block].WaitAsync(0, CancellationToken.None))
            {
                try
                {
                    await WriteAsync(disk, block);
                }
                finally
                {
                    _writing[block].Release();
                }
            }

            Interlocked.Increment(ref _operations);
        }
    }

    private async Task ReadAsync(NvmeMultipathNamespace disk, ulong block)
    {
        var data = new byte[MultipathFixture.BlockSize];
        var begin = Stopwatch.GetTimestamp();
        await disk.ReadAsync(block, data);
        var end = Stopwatch.GetTimestamp();
        var value = BinaryPrimitives.ReadInt64LittleEndian(data);
        Assert.Equal(value, BinaryPrimitives.ReadInt64LittleEndian(data.AsSpan(data.Length - sizeof(long))));
        lock (_blocks[block])
        {
            _blocks[block].Read(value, begin, end);
        }
    }

    private async Task WriteAsync(NvmeMultipathNamespace disk, ulong block)
    {
        var value = Interlocked.Increment(ref _lastValue);
        var data = new byte[MultipathFixture.BlockSize];
        for (var i = 0; i < data.Length; i += sizeof(long))
        {
            BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(i), value);
        }

        var begin = Stopwatch.GetTimestamp();
        long? end = null;
        try
        {
            await disk.WriteAsync(block, data);
            end = Stopwatch.GetTimestamp();
        }
        catch (IOException e)
        {
            output.WriteLine(e.ToString());
            Interlocked.Increment(ref _failures);
        }

        lock (_blocks[block])
        {
            _blocks[block].Wrote(value, begin, end);
        }
    }

    /// <summary>Cuts, holds and delays paths and restarts the target; at the end everything works.</summary>
    private async Task BreakAsync(MultipathFixture fixture, Random random)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Duration)
        {
            var proxy = fixture.Proxies[random.Next(fixture.Proxies.Count)];
            switch (random.Next(8))
            {
                case 4 or 5:
                    // Keeps what the host sends, and delivers it when the host has long turned to another path.
                    proxy = fixture.Proxies[2];
                    proxy.HideEndsFromTarget();
                    proxy.Up.Shut();
                    await Task.Delay(900);
                    proxy.Up.Open();
                    break;
                case 0:
                    await fixture.RestartTargetAsync();
                    break;
                case 1:
                    proxy.Up.Shut();
                    await Task.Delay(random.Next(800));
                    proxy.Up.Open();
                    break;
                case 2:
                    proxy.Down.Shut();
                    await Task.Delay(random.Next(800));
                    proxy.Down.Open();
                    break;
                case 3:
                    proxy.Down.Delay = TimeSpan.FromMilliseconds(random.Next(10));
                    break;
                default:
                    proxy.Cut();
                    break;
            }

            await Task.Delay(random.Next(200));
        }

        foreach (var proxy in fixture.Proxies)
        {
            proxy.Down.Delay = TimeSpan.Zero;
        }
    }
}
