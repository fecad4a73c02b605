using System.Diagnostics;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Multipath;
using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Initiator.Tests.Multipath.Fakes;
using Nvmf.Target;

namespace Nvmf.Initiator.Tests.Multipath;

/// <summary>A network that keeps a write back and delivers it after its retry, and after the next write to the same blocks (invariant I10).</summary>
public class GhostWriteTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_retried_write_is_not_overtaken_by_its_ghost(bool fence)
    {
        await using var fixture = await MultipathFixture.StartAsync(paths: 2);
        var (slow, good) = (fixture.Proxies[0], fixture.Proxies[1]);
        slow.Up.Swallows = true;
        await using var subsystem = await fixture.ConnectAsync(MultipathFixture.NewOptions(commandTimeout: TimeSpan.FromMilliseconds(300), fence: fence));
        var disk = await subsystem.OpenNamespaceAsync(1);
        await PreferFirstPathAsync(fixture, subsystem, disk);

        slow.HideEndsFromTarget();
        slow.Up.Shut();
        var (first, second) = (Fill(1), Fill(2));
        await disk.WriteAsync(0, first).AsTask().WaitAsync(TargetFixture.Patience);
        await disk.WriteAsync(0, second).AsTask().WaitAsync(TargetFixture.Patience);
        Assert.Equal(second, await ReadAsync(disk));

        // Now the network remembers what it has kept.
        slow.Up.Open();
        await Eventually.IsTrueAsync(() => subsystem.Paths[0].State == NvmePathState.Live, "The path did not come back.");
        if (fence)
        {
            Assert.True(fixture.Log.Says("reset by another controller"), string.Join('\n', fixture.Log.Lines));
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal(second, await ReadAsync(disk));
            }
        }
        else
        {
            // The negative control: without the fence the ghost is seen.
            await Eventually.IsTrueAsync(() => ReadAsync(disk).GetAwaiter().GetResult().AsSpan().SequenceEqual(first), "There is no ghost: the test sees nothing.");
        }
    }

    [Fact]
    public async Task Where_nobody_can_reset_the_lost_controller_its_keep_alive_timer_is_waited_out()
    {
        await using var fixture = await MultipathFixture.StartAsync(
            paths: 1, target: new NvmeTargetOptions { CommandQuiesceTime = TimeSpan.FromMilliseconds(100), KeepAliveGranularity = TimeSpan.FromMilliseconds(100) });
        var proxy = fixture.Proxies[0];
        await using var subsystem = await fixture.ConnectAsync(
            MultipathFixture.NewOptions(keepAlive: TimeSpan.FromMilliseconds(500), fastFail: TimeSpan.FromMilliseconds(100)));
        var disk = await subsystem.OpenNamespaceAsync(1);
        fixture.Disk.OneSlowIn = 1;
        fixture.Disk.Slowest = TimeSpan.FromMilliseconds(800);
        var write = disk.WriteAsync(0, Fill(1)).AsTask();
        using var cancellation = new CancellationTokenSource();
        var cancelled = disk.WriteAsync(8, Fill(1), cancellationToken: cancellation.Token).AsTask();
        proxy.Down.Shut();
        proxy.Refuse(true);
        await Eventually.IsTrueAsync(() => subsystem.Paths[0].Controller is null || proxy.Down.Waiting > 0, "Nothing is held back.");
        proxy.Cut();
        var start = Stopwatch.GetTimestamp();
        var cancelledAfter = cancelled.ContinueWith(_ => Stopwatch.GetElapsedTime(start), TaskScheduler.Default);
        await cancellation.CancelAsync();

        // Neither the fast-fail time-out nor the cancellation ends a write that may still be executed: 3 x 500 ms + 1100 ms (CQT).
        await Assert.ThrowsAsync<NvmeConnectionException>(() => write).WaitAsync(TargetFixture.Patience);
        Assert.True(Stopwatch.GetElapsedTime(start) > TimeSpan.FromMilliseconds(2500), $"The write ended after {Stopwatch.GetElapsedTime(start)}.");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled).WaitAsync(TargetFixture.Patience);
        Assert.True(await cancelledAfter > TimeSpan.FromMilliseconds(2500), $"The cancelled write ended after {await cancelledAfter}.");
        Assert.True(fixture.Log.Says("its keep-alive timer has expired"), string.Join('\n', fixture.Log.Lines));
    }

    [Fact]
    public async Task A_reset_that_has_only_begun_is_no_fence()
    {
        await using var fixture = await MultipathFixture.StartAsync(
            paths: 2, target: new NvmeTargetOptions { CommandQuiesceTime = TimeSpan.FromMilliseconds(100), KeepAliveGranularity = TimeSpan.FromMilliseconds(100) });
        await using var subsystem = await fixture.ConnectAsync(MultipathFixture.NewOptions(keepAlive: TimeSpan.FromSeconds(1)));
        var disk = await subsystem.OpenNamespaceAsync(1);
        await PreferFirstPathAsync(fixture, subsystem, disk);

        // The disk has it, and does not let go of it in the time that the target announces.
        fixture.Disk.HoldNextWrite();
        var write = disk.WriteAsync(0, Fill(1)).AsTask();
        await Eventually.IsTrueAsync(() => fixture.Disk.Holds, "The write did not arrive.");
        fixture.Proxies[0].Cut();
        try
        {
            await Eventually.IsTrueAsync(() => fixture.Log.Says("is fenced") || write.IsCompleted, "There is no fence.");
        }
        finally
        {
            // Until then the target lets no new association of this host in, should the machine be too busy for the keep-alive of the other.
            fixture.Disk.GoOn();
        }

        await write.WaitAsync(TargetFixture.Patience);
        Assert.True(fixture.Log.Says("its keep-alive timer has expired"), string.Join('\n', fixture.Log.Lines));
    }

    [Theory]
    [InlineData("write zeroes")]
    [InlineData("deallocate")]
    [InlineData("copy")]
    public async Task Whatever_changes_the_medium_waits_for_the_fence(string what)
    {
        await using var fixture = await MultipathFixture.StartAsync(paths: 2);
        await using var subsystem = await fixture.ConnectAsync();
        var disk = await subsystem.OpenNamespaceAsync(1);
        await PreferFirstPathAsync(fixture, subsystem, disk);
        fixture.Proxies[0].Down.Shut();
        var command = what switch
        {
            "write zeroes" => disk.WriteZeroesAsync(0, 8),
            "deallocate" => disk.DeallocateAsync([new NvmeBlockRange(0, 8)]),
            _ => disk.CopyAsync(0, [new NvmeBlockRange(8, 8)]),
        };
        var task = command.AsTask();
        await Eventually.IsTrueAsync(() => fixture.Proxies[0].Down.Waiting > 0, "Nothing is held back.");
        fixture.Proxies[0].Cut();
        await task.WaitAsync(TargetFixture.Patience);
        Assert.True(fixture.Log.Says("is fenced"), string.Join('\n', fixture.Log.Lines));
    }

    [Fact]
    public async Task A_read_does_not_wait_for_a_fence()
    {
        await using var fixture = await MultipathFixture.StartAsync(paths: 2);
        await using var subsystem = await fixture.ConnectAsync();
        var disk = await subsystem.OpenNamespaceAsync(1);
        await PreferFirstPathAsync(fixture, subsystem, disk);
        fixture.Proxies[0].Down.Shut();
        var read = disk.ReadAsync(0, new byte[4096]).AsTask();
        await Eventually.IsTrueAsync(() => fixture.Proxies[0].Down.Waiting > 0, "Nothing is held back.");
        fixture.Proxies[0].Cut();
        await read.WaitAsync(TargetFixture.Patience);
        Assert.False(fixture.Log.Says("is fenced"));
    }

    internal static async Task PreferFirstPathAsync(MultipathFixture fixture, NvmeSubsystemConnection subsystem, NvmeMultipathNamespace disk)
    {
        var second = subsystem.Paths[1].Controller!.IoQueues[0];
        fixture.PortOf(1).AnaState = AnaState.NonOptimized;
        for (var settled = 0; settled < 4;)
        {
            var before = second.Completed;
            await disk.ReadAsync(0, new byte[512]);
            settled = second.Completed == before ? settled + 1 : 0;
        }
    }

    private static byte[] Fill(byte value)
    {
        var data = new byte[4096];
        data.AsSpan().Fill(value);
        return data;
    }

    private static async Task<byte[]> ReadAsync(NvmeBlockDevice disk)
    {
        var data = new byte[4096];
        await disk.ReadAsync(0, data);
        return data;
    }
}
