using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

public sealed class KeepAliveTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    [SkippableFact]
    public async Task A_host_that_falls_silent_expires_and_comes_back()
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        AllowInKernelLog(Recovery);
        LinuxController controller = await ConnectAsync("-i 2 -k 2 --reconnect-delay=1 --ctrl-loss-tmo=300");
        string device = await controller.DeviceAsync();
        await Fio.VerifyAsync(Guest, device, "--bs=4k --size=1m --iodepth=8");

        await Guest.RunAsync("freeze_network");
        await Target.WaitForLogAsync("KeepAliveExpired", Patience.Usual);
        await Target.NoQueuePairsAsync(Patience.Usual);

        await Guest.RunAsync("thaw_network");
        await controller.WaitForStateAsync("live", Patience.Long);
        FioResult fio = await Fio.VerifyAsync(Guest, device, "--bs=4k --size=1m --iodepth=8");
        Say($"keep-alive 2 s, network frozen: the target expired the controller and held nothing; thawed, the host came back: {fio}");
    }

    [SkippableFact]
    public async Task Silence_under_load_loses_nothing()
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        AllowInKernelLog(Recovery);
        LinuxController controller = await ConnectAsync("-i 2 -k 2 --reconnect-delay=1 --ctrl-loss-tmo=300");
        string device = await controller.DeviceAsync();
        FioLoad load = await FioLoad.StartAsync(Guest, device);
        await Guest.RunAsync("freeze_network");
        await Target.WaitForLogAsync("KeepAliveExpired", Patience.Usual);
        await Guest.RunAsync("thaw_network");
        await controller.WaitForStateAsync("live", Patience.Long);
        FioResult fio = await load.StopAsync();
        Say($"network frozen under fio until the keep-alive expired: {fio}");
    }

    [SkippableFact]
    public async Task An_idle_connection_is_kept()
    {
        await StartTargetAsync();
        LinuxController controller = await ConnectAsync("-i 1 -k 2");
        await Task.Delay(TimeSpan.FromSeconds(5));
        Assert.Equal("live", await controller.AttributeAsync("state"));
        Say("idle for 5 s with a keep-alive time-out of 2 s: live, without a line in the kernel log");
    }
}
