using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Multipath;
using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Initiator.Tests.Multipath.Fakes;

namespace Nvmf.Initiator.Tests.Multipath;

/// <summary>Which path takes a command, and what happens when there is none.</summary>
public class PathTests
{
    private static readonly byte[] Data = Enumerable.Range(0, 4096).Select(i => (byte)i).ToArray();

    [Fact]
    public async Task Commands_go_round_and_a_cut_path_comes_back()
    {
        await using var fixture = await MultipathFixture.StartAsync(paths: 2);
        await using var subsystem = await fixture.ConnectAsync();
        var disk = await subsystem.OpenNamespaceAsync(1);
        Assert.Equal(2, disk.UsablePaths);
        for (var i = 0; i < 20; i++)
        {
            await disk.WriteAsync((ulong)i * 8, Data);
        }

        Assert.All(subsystem.Paths, path => Assert.True(path.Controller!.IoQueues[0].Completed >= 8));

        fixture.Proxies[0].Cut();
        for (var i = 0; i < 20; i++)
        {
            await disk.WriteAsync((ulong)i * 8, Data).AsTask().WaitAsync(TargetFixture.Patience);
        }

        await Eventually.IsTrueAsync(() => subsystem.Paths.All(path => path.State == NvmePathState.Live), "The path did not come back.");
        Assert.Equal(2, subsystem.Paths[0].Associations);
        await Eventually.IsTrueAsync(() => disk.UsablePaths == 2, "The namespace was not found again.");
    }

    [Fact]
    public async Task Ana_states_are_honoured_as_they_change()
    {
        await using var fixture = await MultipathFixture.StartAsync(paths: 2);
        await using var subsystem = await fixture.ConnectAsync();
        var disk = await subsystem.OpenNamespaceAsync(1);
        var (first, second) = (subsystem.Paths[0].Controller!.IoQueues[0], subsystem.Paths[1].Controller!.IoQueues[0]);

        fixture.PortOf(0).AnaState = AnaState.NonOptimized;
        await WaitForTurnAwayFrom(disk, first);
        var before = first.Completed;
        for (var i = 0; i < 10; i++)
        {
            await disk.WriteAsync(0, Data);
        }

        Assert.Equal(before, first.Completed);

        fixture.PortOf(1).AnaState = AnaState.Inaccessible;
        before = first.Completed;
        for (var i = 0; i < 10; i++)
        {
            await disk.WriteAsync(0, Data).AsTask().WaitAsync(TargetFixture.Patience);
        }

        Assert.True(first.Completed >= before + 10);

        // None left: commands wait until one comes back.
        fixture.PortOf(0).AnaState = AnaState.Inaccessible;
        var waiting = disk.ReadAsync(0, new byte[4096]).AsTask();
        await Eventually.IsTrueAsync(() => disk.UsablePaths == 0, "The state was not noticed.");
        Assert.False(waiting.IsCompleted);
        fixture.PortOf(1).AnaState = AnaState.Optimized;
        await waiting.WaitAsync(TargetFixture.Patience);
        Assert.True(second.Completed > 0);
    }

    [Fact]
    public async Task Commands_wait_for_a_path_and_fail_fast_when_told_to()
    {
        await using var fixture = await MultipathFixture.StartAsync(paths: 1);
        await using var subsystem = await fixture.ConnectAsync(MultipathFixture.NewOptions(fastFail: TimeSpan.FromSeconds(1)));
        var disk = await subsystem.OpenNamespaceAsync(1);
        fixture.Proxies[0].Refuse(true);
        fixture.Proxies[0].Cut();
        var read = disk.ReadAsync(0, new byte[4096]).AsTask();
        var error = await Assert.ThrowsAsync<NvmeConnectionException>(() => read).WaitAsync(TargetFixture.Patience);
        Assert.Contains("no path", error.Message, StringComparison.Ordinal);
        fixture.Proxies[0].Refuse(false);
        await Eventually.IsTrueAsync(() => subsystem.Paths[0].State == NvmePathState.Live, "The path did not come back.");
        await disk.ReadAsync(0, new byte[4096]).AsTask().WaitAsync(TargetFixture.Patience);
    }

    [Fact]
    public async Task A_path_that_stays_lost_is_given_up_and_commands_fail()
    {
        await using var fixture = await MultipathFixture.StartAsync(paths: 1);
        await using var subsystem = await fixture.ConnectAsync(MultipathFixture.NewOptions(controllerLoss: TimeSpan.FromMilliseconds(300)));
        var disk = await subsystem.OpenNamespaceAsync(1);
        fixture.Proxies[0].Refuse(true);
        fixture.Proxies[0].Cut();
        await Assert.ThrowsAsync<NvmeConnectionException>(() => disk.ReadAsync(0, new byte[4096]).AsTask()).WaitAsync(TargetFixture.Patience);
        Assert.Equal(NvmePathState.Removed, subsystem.Paths[0].State);
        Assert.NotNull(subsystem.Paths[0].LastError);
    }

    [Fact]
    public async Task A_controller_that_says_nothing_holds_up_no_other_path()
    {
        await using var fixture = await MultipathFixture.StartAsync(paths: 2);
        var options = MultipathFixture.NewOptions();
        var (silent, good) = (fixture.Proxies[0], fixture.Proxies[1]);
        var falls = false;
        await using var subsystem = new NvmeSubsystemConnection(
            options,
            async (endPoint, token) =>
            {
                var controller = await fixture.Host.ConnectAsync(endPoint, options.Connect, token);
                // Connected, and from now on it answers nothing: not even what its namespace is.
                if (Volatile.Read(ref falls) && endPoint.Equals(silent.EndPoint))
                {
                    silent.Down.Shut();
                }

                return controller;
            },
            fixture.Log,
            TimeProvider.System);
        foreach (var proxy in fixture.Proxies)
        {
            subsystem.AddPath(proxy.EndPoint);
        }

        var disk = await subsystem.OpenNamespaceAsync(1).WaitAsync(TargetFixture.Patience);
        await Eventually.IsTrueAsync(() => subsystem.Paths.All(path => path.State == NvmePathState.Live), "Not every path is live.");
        Volatile.Write(ref falls, true);
        silent.Cut();
        await Eventually.IsTrueAsync(() => silent.Down.Waiting > 0, "The silent controller is asked nothing.");
        good.Cut();

        // Long before the admin time-out of 60 s.
        await disk.ReadAsync(0, new byte[512]).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal((NvmePathState.Connecting, NvmePathState.Live), (subsystem.Paths[0].State, subsystem.Paths[1].State));
        silent.Down.Open();
    }

    [Fact]
    public async Task The_least_busy_path_takes_the_next_command()
    {
        await using var fixture = await MultipathFixture.StartAsync(paths: 2);
        await using var subsystem = await fixture.ConnectAsync(MultipathFixture.NewOptions(NvmePathPolicy.LeastBusy));
        var disk = await subsystem.OpenNamespaceAsync(1);
        fixture.Proxies[0].Down.Shut();
        var reads = Enumerable.Range(0, 12).Select(_ => disk.ReadAsync(0, new byte[512]).AsTask()).ToArray();
        await Eventually.IsTrueAsync(() => reads.Count(read => read.IsCompleted) >= 6, "The open path does not get on.");
        for (var i = 0; i < 20; i++)
        {
            await disk.ReadAsync(0, new byte[512]).AsTask().WaitAsync(TargetFixture.Patience);
        }

        fixture.Proxies[0].Down.Open();
        await Task.WhenAll(reads).WaitAsync(TargetFixture.Patience);
    }

    [Fact]
    public async Task A_removed_path_finishes_its_commands_first()
    {
        await using var fixture = await MultipathFixture.StartAsync(paths: 2);
        fixture.Disk.OneSlowIn = 2;
        await using var subsystem = await fixture.ConnectAsync();
        var disk = await subsystem.OpenNamespaceAsync(1);
        var writes = Enumerable.Range(0, 40).Select(i => disk.WriteAsync((ulong)i * 8, Data).AsTask()).ToArray();
        await subsystem.RemovePathAsync(subsystem.Paths[0]).WaitAsync(TargetFixture.Patience);
        await Task.WhenAll(writes).WaitAsync(TargetFixture.Patience);
        Assert.Single(subsystem.Paths);
        Assert.False(fixture.Log.Says("is fenced"), "A command was lost with the path.");
    }

    [Fact]
    public async Task Options_that_make_no_sense_are_refused_with_a_sentence()
    {
        await using var fixture = await MultipathFixture.StartAsync(paths: 1);
        var options = new NvmeMultipathOptions { Connect = new NvmeConnectOptions { SubsystemNqn = TargetFixture.Nqn, KeepAlive = TimeSpan.Zero } };
        var error = await Assert.ThrowsAsync<ArgumentException>(() => fixture.Host.ConnectSubsystemAsync([fixture.Proxies[0].EndPoint], options));
        Assert.Contains("keep-alive", error.Message, StringComparison.Ordinal);
        var unknown = new NvmeMultipathOptions { Connect = new NvmeConnectOptions { SubsystemNqn = "nqn.2026-01.org.example:nobody" } };
        var refused = await Assert.ThrowsAsync<NvmeConnectionException>(() => fixture.Host.ConnectSubsystemAsync([fixture.Proxies[0].EndPoint], unknown));
        Assert.IsType<NvmeException>(refused.InnerException);
    }

    private static async Task WaitForTurnAwayFrom(NvmeMultipathNamespace disk, NvmeQueue queue)
    {
        for (var i = 0; i < 1000; i++)
        {
            var before = queue.Completed;
            await disk.WriteAsync(0, Data);
            await disk.WriteAsync(0, Data);
            if (queue.Completed == before)
            {
                return;
            }
        }

        Assert.Fail("The non-optimized path is still used.");
    }
}
