using System.Text.Json;
using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>The main things once more with Linux 6.12, whose initiator checks more.</summary>
[Collection(NewerKernelCollection.Name)]
public sealed class NewerKernelTests(NewerKernelFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    [SkippableTheory]
    [InlineData("-i 2", "--bssplit=4k/40:12k/20:64k/20:256k/10:1m/10 --size=16m --iodepth=16")]
    [InlineData("-i 2 -g -G", "--bssplit=4k/50:64k/50 --size=8m --iodepth=16")]
    public async Task Connect_and_fio_verify(string connectOptions, string fioOptions)
    {
        await StartTargetAsync("--disk", "mem:64MiB");
        LinuxController controller = await ConnectAsync(connectOptions);
        FioResult fio = await Fio.VerifyAsync(Guest, await controller.DeviceAsync(), fioOptions);
        await controller.DisconnectAsync();
        await Target.NoQueuePairsAsync(Patience.Usual);
        Say($"{Guest.KernelRelease}, nvme connect {connectOptions}: {fio}");
    }

    [SkippableFact]
    public async Task Discover_and_identify()
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        JsonElement log = await JsonAsync($"nvme discover -t tcp -a 10.0.2.2 -s {Target.Port} -o json");
        Assert.Contains(log.GetProperty("records").EnumerateArray(), record => record.GetProperty("subnqn").GetString() == Target.Nqn);
        LinuxController controller = await ConnectAsync("-i 1");
        await controller.DeviceAsync();
        JsonElement identify = await JsonAsync($"nvme id-ctrl {controller.Path} -o json");
        Assert.Equal(Target.Nqn, identify.GetProperty("subnqn").GetString());
        Say($"{Guest.KernelRelease}: discovered and identified");
    }

    [SkippableFact]
    public async Task Reset_and_listener_removal_under_fio()
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        AllowInKernelLog(Recovery);
        LinuxController controller = await ConnectAsync("-i 2 --reconnect-delay=1 --ctrl-loss-tmo=300");
        FioLoad load = await FioLoad.StartAsync(Guest, await controller.DeviceAsync());
        await ResetAndRemoveListenerAsync(controller, load);
        FioResult fio = await load.StopAsync();
        Say($"{Guest.KernelRelease}: reset, listener removed and added: {fio}");
    }
}
