using System.Text.Json;
using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

public sealed class ListenerTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    [SkippableFact]
    public async Task A_listener_removed_and_added_again_under_fio()
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        AllowInKernelLog(Recovery);
        LinuxController controller = await ConnectAsync("-i 2 --reconnect-delay=1 --ctrl-loss-tmo=300");
        string device = await controller.DeviceAsync();
        FioLoad load = await FioLoad.StartAsync(Guest, device);
        string reports = "";
        for (int i = 0; i < 3; i++)
        {
            JsonElement report = await Target.Control.RemoveListenerAsync(Target.Address);
            reports += report.GetRawText() + "\n";
            await Target.NoQueuePairsAsync(TimeSpan.Zero);
            await controller.WaitForStateAsync("connecting", Patience.Long);
            await Target.Control.AddListenerAsync(Target.Address);
            await controller.WaitForStateAsync("live", Patience.Long);
            await load.MakesProgressAsync();
        }

        FioResult fio = await load.StopAsync();
        Say($"three times removed and added: {fio}; drain reports:\n{reports}");
    }

    /// <summary>The other listener's queue pairs must not notice.</summary>
    [SkippableFact]
    public async Task Removing_one_listener_leaves_the_other_alone()
    {
        await StartTargetAsync("--disk", "mem:16MiB", "--disk", "mem:16MiB");
        int port = FreePort.Next();
        await Target.Control.AddListenerAsync($"tcp://127.0.0.1:{port}");
        AllowInKernelLog(Recovery);
        LinuxController staying = await ConnectAsync("-i 2");
        LinuxController leaving = await ConnectAsync("-i 2 --reconnect-delay=1 --ctrl-loss-tmo=300", port);
        string device = await staying.DeviceAsync();
        FioLoad load = await FioLoad.StartAsync(Guest, device);
        await Target.Control.RemoveListenerAsync($"tcp://127.0.0.1:{port}");
        await leaving.WaitForStateAsync("connecting", Patience.Long);
        Assert.Equal("live", await staying.AttributeAsync("state"));
        FioResult fio = await load.StopAsync();
        Assert.Equal("live", await staying.AttributeAsync("state"));
        Say($"port {port} removed, port {Target.Port} served on: {fio}");
    }
}
