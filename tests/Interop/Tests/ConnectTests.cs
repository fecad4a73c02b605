using System.Text.Json;
using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

public sealed class ConnectTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    [SkippableTheory]
    [InlineData("-i 1")]
    [InlineData("-i 2 -g")]
    [InlineData("-i 2 -G")]
    [InlineData("-i 2 -g -G")]
    [InlineData("-i 4 -Q 16")]
    [InlineData("-W 1 -P 1")]
    public async Task Connect_with(string options)
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        LinuxController controller = await ConnectAsync(options);
        string device = await controller.DeviceAsync();
        Assert.Equal("live", await controller.AttributeAsync("state"));

        FioResult fio = await Fio.VerifyAsync(Guest, device, "--bs=4k,16k,64k --bssplit=4k/50:16k/25:128k/25 --size=2m --iodepth=8");
        await controller.DisconnectAsync();
        await Target.NoQueuePairsAsync(Patience.Usual);
        Say($"nvme connect {options}: {fio}");
    }

    [SkippableFact]
    public async Task An_unknown_subsystem_is_refused_and_said_so()
    {
        await StartTargetAsync();
        AllowInKernelLog("Connect Invalid Data Parameter, subsysnqn", "Connect command failed", "failed to connect queue: 0");
        StepResult result = await Guest.TryAsync($"connect {Target.Port} nqn.2026-11.test.interop:nobody");
        Assert.NotEqual(0, result.ExitCode);
        int log = await Guest.MarkKernelLogAsync("after the refused connect");
        Assert.Contains(Guest.KernelLog.Lines(0, log), line => line.Contains("Connect Invalid Data Parameter, subsysnqn \"nqn.2026-11.test.interop:nobody\"", StringComparison.Ordinal));
        await Target.NoQueuePairsAsync(Patience.Usual);
        Say("refused; the kernel names the parameter (IATTR and IPO are right): subsysnqn");
    }

    [SkippableFact]
    public async Task A_host_that_is_not_allowed_is_refused_and_another_served()
    {
        await StartTargetAsync("--host", "nqn.2014-08.org.nvmexpress:uuid:aaaaaaaa-0000-0000-0000-000000000001");
        AllowInKernelLog("Connect for subsystem .* is not allowed", "Connect command failed", "failed to connect queue: 0", "Connect Invalid Host");
        StepResult refused = await Guest.TryAsync($"connect {Target.Port} {Target.Nqn}");
        Assert.NotEqual(0, refused.ExitCode);

        LinuxController controller = await ConnectAsync(
            "--hostnqn=nqn.2014-08.org.nvmexpress:uuid:aaaaaaaa-0000-0000-0000-000000000001 --hostid=aaaaaaaa-0000-0000-0000-000000000001");
        await controller.DeviceAsync();
        Say("the host that is not in the list was refused, the one that is was served");
    }

    [SkippableFact]
    public async Task Two_listeners_are_two_paths_to_one_namespace()
    {
        int port = FreePort.Next();
        await StartTargetAsync("--disk", "mem:16MiB", "--listen", $"tcp://127.0.0.1:{port}");
        LinuxController first = await ConnectAsync("-i 1");
        LinuxController second = await ConnectAsync("-i 1", port);
        Assert.NotEqual(await first.AttributeAsync("cntlid"), await second.AttributeAsync("cntlid"));
        Assert.Equal(await first.DeviceAsync(), await second.DeviceAsync());

        JsonElement hosts = await JsonAsync("nvme list-subsys -o json");
        JsonElement subsystem = hosts[0].GetProperty("Subsystems").EnumerateArray().Single(s => s.GetProperty("NQN").GetString() == Target.Nqn);
        Assert.Equal(2, subsystem.GetProperty("Paths").GetArrayLength());

        FioResult fio = await Fio.VerifyAsync(Guest, await first.DeviceAsync(), "--bs=4k --size=1m --iodepth=4");
        await first.DisconnectAsync();
        FioResult afterwards = await Fio.VerifyAsync(Guest, await second.DeviceAsync(), "--bs=4k --size=1m --iodepth=4");
        Say($"two paths to {await second.DeviceAsync()}: {fio}; after one was disconnected: {afterwards}");
    }
}
