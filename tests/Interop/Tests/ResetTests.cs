using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

public sealed class ResetTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    [SkippableFact]
    public async Task Reset_under_fio()
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        AllowInKernelLog(Recovery);
        LinuxController controller = await ConnectAsync("-i 2");
        string device = await controller.DeviceAsync();
        FioLoad load = await FioLoad.StartAsync(Guest, device);
        for (int i = 0; i < 4; i++)
        {
            await Guest.RunAsync($"nvme reset {controller.Path}");
            await controller.WaitForStateAsync("live", Patience.Long);
            await load.MakesProgressAsync();
        }

        FioResult fio = await load.StopAsync();
        Say($"four times nvme reset: {fio}");
    }

    [SkippableFact]
    public async Task Disconnect_under_fio()
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        AllowInKernelLog(FailedCommands);
        for (int i = 0; i < 3; i++)
        {
            LinuxController controller = await ConnectAsync("-i 2");
            FioLoad load = await FioLoad.StartAsync(Guest, await controller.DeviceAsync());
            await controller.DisconnectAsync();
            StepResult fio = await load.Step.WaitAsync(Patience.Usual);
            Assert.NotEqual(0, fio.ExitCode);
            await Target.NoQueuePairsAsync(Patience.Usual);
        }

        Say("three times nvme disconnect under fio: the target holds no queue pair afterwards");
    }

    [SkippableFact]
    public async Task Connect_and_disconnect_many_times()
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        const int Times = 10;
        string output = await Guest.RunAsync(
            $"for i in {{1..{Times}}}; do c=$(connect {Target.Port} {Target.Nqn} -i 2) && nvme disconnect -d $c >/dev/null && echo round; done",
            Patience.Long * 2);
        Assert.Equal(Times, output.Split("round").Length - 1);
        await Target.NoQueuePairsAsync(Patience.Usual);
        Say($"{Times} times connect and disconnect; the target holds no queue pair afterwards");
    }
}
