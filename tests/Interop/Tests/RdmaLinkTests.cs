using Nvmf.Interop.Lab;
using Nvmf.Interop.Rdma;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>
/// The link below the RDMA device goes down under load. Neither side hears a word from the other: each ends its queue pairs by itself, and the host finds the target when the link is back.
/// </summary>
public sealed class RdmaLinkTests(LabFixture lab, ITestOutputHelper output) : RdmaLabTest(lab, output)
{
    [SkippableFact]
    public async Task Link_down_under_load_over_soft_iWARP()
    {
        AllowInKernelLog(RdmaRecovery);
        await SoftDevice.BringSoftIwarpAsync(Guest);
        await using RdmaTarget target = await RdmaTarget.StartAsync(Guest, "siw");
        LinuxController controller = await target.ConnectAsync($"{ConnectOptions} --keep-alive-tmo=4");
        FioLoad load = await FioLoad.StartAsync(Guest, await controller.DeviceAsync(), mebibytes: 1);

        await target.Device.SetLinkAsync(up: false);
        await controller.WaitForStateAsync("connecting", Patience.Long);
        await target.NoQueuePairsAsync();

        await target.Device.SetLinkAsync(up: true);
        await controller.WaitForStateAsync("live", Patience.Long);
        await load.MakesProgressAsync();
        Say($"{Guest.KernelRelease}, siw, link down and up: {await load.StopAsync()}");
        await controller.DisconnectAsync();
        await HoldsNothingAsync(target);
    }
}
