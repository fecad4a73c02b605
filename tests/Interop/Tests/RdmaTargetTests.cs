using Nvmf.Interop.Lab;
using Nvmf.Interop.Rdma;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>NVMe/RDMA with Linux 6.1, over soft RoCE and soft iWARP, and with the own host.</summary>
public sealed class RdmaTargetTests(LabFixture lab, ITestOutputHelper output) : RdmaLabTest(lab, output)
{
    [SkippableFact]
    public async Task Fio_reset_and_listener_removal_over_soft_RoCE()
    {
        await using RdmaTarget target = await RdmaTarget.StartAsync(Guest, "rxe");
        LinuxController controller = await target.ConnectAsync(ConnectOptions);
        string device = await controller.DeviceAsync();
        FioResult small = await Fio.VerifyAsync(Guest, device, "--bs=4k --size=1m --iodepth=16");
        FioResult mixed = await Fio.VerifyAsync(Guest, device, "--bssplit=4k/40:12k/20:64k/20:1m/20 --size=4m --iodepth=4");
        Say($"{Guest.KernelRelease}: 4 KiB: {small}; 4 KiB to 1 MiB: {mixed}");
        await DisturbAsync(target, controller, device);
        await controller.DisconnectAsync();
        await HoldsNothingAsync(target);
    }

    [SkippableFact]
    public async Task Ext4_keeps_its_files_and_an_image_is_copied()
    {
        AllowInKernelLog("long keepalive RTT");
        await using RdmaTarget target = await RdmaTarget.StartAsync(Guest, "rxe", "--disk mem:48MiB");
        LinuxController controller = await target.ConnectAsync(ConnectOptions);
        string sums = await Ext4.MakeAsync(Guest, await controller.DeviceAsync());
        await controller.DisconnectAsync();
        controller = await target.ConnectAsync(ConnectOptions);
        Say(await Ext4.CheckAsync(Guest, await controller.DeviceAsync(), sums));
        await controller.DisconnectAsync();
        Say($"DiskCopy: {await OwnHost.CopyAsync(Guest, RdmaTarget.Address, RdmaTarget.Nqn, mebibytes: 4)}");
        await HoldsNothingAsync(target);
    }

    [SkippableFact]
    public async Task Fio_and_the_own_host_over_soft_iWARP()
    {
        await SoftDevice.BringSoftIwarpAsync(Guest);
        await using RdmaTarget target = await RdmaTarget.StartAsync(Guest, "siw");
        LinuxController controller = await target.ConnectAsync(ConnectOptions);
        FioResult fio = await Fio.VerifyAsync(Guest, await controller.DeviceAsync(), "--bssplit=4k/60:64k/40 --size=1m --iodepth=8");
        await controller.DisconnectAsync();
        Say($"{Guest.KernelRelease}: {fio}; DiskCopy: {await OwnHost.CopyAsync(Guest, RdmaTarget.Address, RdmaTarget.Nqn, mebibytes: 2)}");
        await HoldsNothingAsync(target);
    }
}
