using System.Text.Json;
using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>Failure F1 where the network is slow and loses packets: the target runs in the guest, with zero-copy for everything, behind <c>tc netem</c>.</summary>
public sealed class LateCompletionTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    [SkippableFact]
    public async Task Listeners_removed_and_added_again_under_fio_with_delay_and_loss()
    {
        var target = new GuestTarget(Guest);
        await target.StartAsync("delay 50ms loss 2%", "--disk", "mem:16MiB", "--zero-copy", "always", "--loops", "1");
        AllowInKernelLog(Recovery);
        LinuxController controller = await target.ConnectAsync("-i 2 --reconnect-delay=1 --ctrl-loss-tmo=300");
        FioLoad load = await FioLoad.StartAsync(Guest, await controller.DeviceAsync(), mebibytes: 2);
        var slowest = TimeSpan.Zero;
        double[] graces = [0, 0.5, 0];
        foreach (double grace in graces)
        {
            JsonElement report = await target.RemoveListenerAsync(grace);
            foreach (JsonElement pair in report.GetProperty("queuePairs").EnumerateArray())
            {
                Assert.Equal(0, pair.GetProperty("quarantinedBytes").GetInt64());
                slowest = TimeSpan.FromMilliseconds(Math.Max(slowest.TotalMilliseconds, pair.GetProperty("elapsedMilliseconds").GetDouble()));
            }

            Say(report.GetProperty("totals").GetRawText());
            Assert.Equal(0, (await target.QueuePairsAsync()).GetArrayLength());
            await target.AddListenerAsync();
            await controller.WaitForStateAsync("live", Patience.Long);
            await load.MakesProgressAsync();
        }

        // What is acknowledged late is proven late: no drain was quicker than the line.
        Assert.True(slowest >= TimeSpan.FromMilliseconds(50), $"{slowest}");
        FioResult fio = await load.StopAsync();
        JsonElement health = (await target.HealthAsync()).GetProperty("data");
        Assert.Equal((0, 0), (health.GetProperty("quarantinedBytes").GetInt64(), health.GetProperty("poisonViolations").GetInt64()));
        await controller.DisconnectAsync();
        await target.StopAsync();
        Say($"{graces.Length} times removed and added behind 50 ms of delay and 2 % of loss, the slowest drain {slowest.TotalMilliseconds:0} ms: {fio}");
    }
}
