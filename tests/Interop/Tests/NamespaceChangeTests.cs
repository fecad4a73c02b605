using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>Changes at run time reach the host by an asynchronous event, without a rescan by hand.</summary>
public sealed class NamespaceChangeTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    [SkippableFact]
    public async Task A_new_namespace_appears_and_is_usable_and_disappears()
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        LinuxController controller = await ConnectAsync("-i 2");
        await controller.DeviceAsync(1);

        await Target.Control.AddNamespaceAsync(Target.Nqn, "mem:24MiB");
        string second = await controller.DeviceAsync(2);
        Assert.Equal($"{24 << 20}", (await Guest.RunAsync($"blockdev --getsize64 {second}")).Trim());
        FioResult fio = await Fio.VerifyAsync(Guest, second, "--bs=16k --size=2m --iodepth=8");

        await Target.Control.RemoveNamespaceAsync(Target.Nqn, 2);
        await Guest.RunAsync($"within 60 test ! -e {second}");
        await Fio.VerifyAsync(Guest, await controller.DeviceAsync(1), "--bs=16k --size=1m --iodepth=8");
        Say($"{second} came with 24 MiB ({fio}) and went; NSID 1 served on");
    }

    [SkippableFact]
    public async Task A_resized_namespace_has_its_new_size()
    {
        using var file = new TemporaryFile();
        await StartTargetAsync("--disk", $"file:{file.Path},size=16MiB");
        LinuxController controller = await ConnectAsync("-i 1");
        string device = await controller.DeviceAsync();
        foreach (int size in new[] { 40, 8, 16 })
        {
            await Target.Control.ResizeNamespaceAsync(Target.Nqn, 1, $"{size}MiB");
            await Guest.RunAsync($"larger() {{ [ \"$(blockdev --getsize64 {device})\" = {size << 20} ]; }}; within 60 larger");
            await Guest.RunAsync($"dd if=/dev/urandom of={device} bs=1M seek={size - 1} count=1 oflag=direct status=none");
        }

        Say($"{device}: 16 -> 40 -> 8 -> 16 MiB, the last MiB written each time");
    }

    [SkippableFact]
    public async Task A_namespace_removed_under_fio_ends_its_commands_and_no_other()
    {
        await StartTargetAsync("--disk", "mem:16MiB", "--disk", "mem:16MiB");
        AllowInKernelLog(FailedCommands);
        LinuxController controller = await ConnectAsync("-i 2");
        string first = await controller.DeviceAsync(1);
        string second = await controller.DeviceAsync(2);
        FioLoad load = await FioLoad.StartAsync(Guest, second);
        await Target.Control.RemoveNamespaceAsync(Target.Nqn, 2);
        await load.Step.WaitAsync(Patience.Usual);
        await Guest.RunAsync($"within 60 test ! -e {second}");
        FioResult fio = await Fio.VerifyAsync(Guest, first, "--bs=4k --size=1m --iodepth=8");
        Say($"fio on {second} ended, {first} served on: {fio}");
    }
}
