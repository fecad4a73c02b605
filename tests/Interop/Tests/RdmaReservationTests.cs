using Nvmf.Interop.Lab;
using Nvmf.Interop.Rdma;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>Reservations over NVMe/RDMA: the same commands, whose data come another way.</summary>
public sealed class RdmaReservationTests(LabFixture lab, ITestOutputHelper output) : RdmaLabTest(lab, output)
{
    private const string OtherHost = "-q nqn.2014-08.org.nvmexpress:uuid:bbbbbbbb-0000-4000-8000-000000000002 -I bbbbbbbb-0000-4000-8000-000000000002";

    [SkippableFact]
    public async Task Reservations_over_soft_RoCE()
    {
        AllowInKernelLog(ReservationTests.Conflicts);
        await using RdmaTarget target = await RdmaTarget.StartAsync(Guest, "rxe");
        LinuxController controller = await target.ConnectAsync(ConnectOptions);
        string device = await controller.DeviceAsync();
        await Guest.RunAsync($"nvme resv-register {device} --nrkey=0xA --rrega=0 && nvme resv-acquire {device} --crkey=0xA --rtype=1 --racqa=0");
        await Guest.RunAsync($"dd if=/dev/zero of={device} bs=64k count=4 oflag=direct");
        string report = await Guest.RunAsync($"nvme resv-report {device} --eds -o json 2>/dev/null || nvme resv-report {device} --cdw11=1 -o json");
        Assert.Matches("\"rtype\" *: *1", report);
        await controller.DisconnectAsync();
        controller = await target.ConnectAsync($"{ConnectOptions} {OtherHost}");
        device = await controller.DeviceAsync();
        StepResult refused = await Guest.TryAsync($"dd if=/dev/zero of={device} bs=64k count=4 oflag=direct");
        Assert.NotEqual(0, refused.ExitCode);
        await Guest.RunAsync($"nvme resv-register {device} --nrkey=0xB --rrega=0 && nvme resv-acquire {device} --crkey=0xB --prkey=0xA --rtype=1 --racqa=2");
        await Guest.RunAsync($"dd if=/dev/zero of={device} bs=64k count=4 oflag=direct && nvme resv-release {device} --crkey=0xB --rrela=1");
        await controller.DisconnectAsync();
        await HoldsNothingAsync(target);
        Say($"{Guest.KernelRelease}, soft RoCE: reserved, refused, preempted, cleared");
    }
}
