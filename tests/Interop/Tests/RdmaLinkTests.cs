using Nvmf.Interop.Lab;
using Nvmf.Interop.Rdma;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>
/// The link below the RDMA device goes down under load: the device says so, its queue pairs fail, the target ends them, and the host comes back (soft iWARP lets it try at once).
/// </summary>
public sealed class RdmaLinkTests(LabFixture lab, ITestOutputHelper output) : RdmaLabTest(lab, output)
{
    [SkippableFact]
    public async Task Link_down_under_load_over_soft_iWARP()
    {
        AllowInKernelLog(RdmaRecovery);
        await SoftDevice.BringSoftIwarpAsync(Guest);
        await using RdmaTarget target = await RdmaTarget.StartAsync(Guest, "siw");
        target.AllowedInLog = "warning: RDMA device target0: Port(Error|Active)";
        LinuxController controller = await target.ConnectAsync(ConnectOptions);
        FioLoad load = await FioLoad.StartAsync(Guest, await controller.DeviceAsync(), mebibytes: 1);

        await target.Device.SetLinkAsync(up: false);
        await Eventually.TrueAsync(
            () => Task.FromResult(target.Log.Contains("target0: PortError", StringComparison.Ordinal) && target.Log.Contains(" ended: ", StringComparison.Ordinal)),
            Patience.Long,
            () => $"the device's event and the end of the association, but\n{target.Log}");

        await target.Device.SetLinkAsync(up: true);
        await controller.WaitForStateAsync("live", Patience.Long);
        await load.MakesProgressAsync();
        Say($"{Guest.KernelRelease}, siw, link down and up: {await load.StopAsync()}");
        await controller.DisconnectAsync();
        await HoldsNothingAsync(target);
    }
}
