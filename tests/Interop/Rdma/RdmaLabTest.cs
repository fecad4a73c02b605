using System.Text.Json;
using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Rdma;

/// <summary>What the kernel's nvme-rdma host does with the target, both in one guest, over a soft RDMA device.</summary>
public abstract class RdmaLabTest(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    /// <summary>Quick recovery.</summary>
    protected const string ConnectOptions = "-i 2 --reconnect-delay=1 --ctrl-loss-tmo=300";

    /// <summary>What the kernel says while nobody listens, besides <see cref="LabTest.Recovery"/>.</summary>
    private protected static IEnumerable<string> RdmaRecovery { get; } =
    [
        .. Recovery, @"Connect rejected: status \d+ \(invalid service ID\)", @"rdma connection establishment failed \(-\d+\)", @"rdma_resolve_addr failed \(-\d+\)",
        @"[A-Z]+ for CQE 0x[0-9a-f]+ failed with status", @"failed to connect queue: \d+ ret=-\d+", "Connect command failed",
    ];

    /// <summary>A reset, then the listener removed and added again; the load goes on after each.</summary>
    private protected async Task DisturbAsync(RdmaTarget target, LinuxController controller, string device)
    {
        AllowInKernelLog(RdmaRecovery);
        FioLoad load = await FioLoad.StartAsync(Guest, device, mebibytes: 1);
        await Guest.RunAsync($"nvme reset {controller.Path}");
        await controller.WaitForStateAsync("live", Patience.Long);
        await load.MakesProgressAsync();

        JsonElement report = await target.RemoveListenerAsync(gracefulSeconds: 0);
        await controller.WaitForStateAsync("connecting", Patience.Long);
        await target.AddListenerAsync();
        await controller.WaitForStateAsync("live", Patience.Long);
        await load.MakesProgressAsync();
        FioResult fio = await load.StopAsync();
        Say($"{Guest.KernelRelease}: reset, listener removed and added: {fio}; {report.GetProperty("totals").GetRawText()}");
    }

    /// <summary>The target holds nothing: no queue pair, no memory but that of a shared receive queue, and none in quarantine.</summary>
    private protected async Task HoldsNothingAsync(RdmaTarget target, long sharedReceiveBytes = 0)
    {
        await target.NoQueuePairsAsync();
        JsonElement health = (await target.HealthAsync()).GetProperty("data");
        Assert.Equal(sharedReceiveBytes, health.GetProperty("rentedBytes").GetInt64());
        foreach (string gauge in (string[])["queuePairs", "quarantinedBytes", "poisonViolations"])
        {
            Assert.True(health.GetProperty(gauge).GetInt64() == 0, $"{gauge} in {health.GetRawText()}");
        }
    }
}
