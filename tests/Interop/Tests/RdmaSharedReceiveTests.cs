using System.Text.RegularExpressions;
using Nvmf.Interop.Lab;
using Nvmf.Interop.Rdma;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>NVMe/RDMA with a shared receive queue on Linux 6.12, whose soft RoCE reports "last work request reached", again and again.</summary>
[Collection(NewerKernelCollection.Name)]
public sealed class RdmaSharedReceiveTests(NewerKernelFixture lab, ITestOutputHelper output) : RdmaLabTest(lab, output)
{
    private const int KernelConnections = 2 * 12;
    private const int OwnConnections = 1000;

    // The default depth, each with a capsule and its data; the queue lives as long as its loop.
    private const long SharedReceiveBytes = 1024 * (64 + 4096);

    [SkippableFact]
    public async Task Fio_reset_listener_removal_and_many_connections()
    {
        await using RdmaTarget target = await RdmaTarget.StartAsync(Guest, "rxe", "--disk mem:16MiB --loops 1 --rdma-srq --verbose");
        await HoldsNothingAsync(target);
        LinuxController controller = await target.ConnectAsync(ConnectOptions);
        string device = await controller.DeviceAsync();
        FioResult fio = await Fio.VerifyAsync(Guest, device, "--bssplit=4k/60:64k/40 --size=1m --iodepth=16");
        Say($"{Guest.KernelRelease}: {fio}");
        await DisturbAsync(target, controller, device);
        await controller.DisconnectAsync();
        await HoldsNothingAsync(target, SharedReceiveBytes);

        await KernelStorm.RunAsync(Guest, RdmaTarget.Nqn, KernelConnections / 2);
        Say($"own host: {await OwnHost.StormAsync(Guest, RdmaTarget.Address, RdmaTarget.Nqn, OwnConnections, atOnce: 4)}");
        await HoldsNothingAsync(target, SharedReceiveBytes);
        int reached = Regex.Count(target.Log, "last work request reached\\.");
        int missing = Regex.Count(target.Log, "last work request reached did not come");

        // Each of them has two queue pairs, those of the load, which is connected three times, three. Where the event does not come in time, the drain goes on without.
        Assert.True(reached + missing >= (3 * 3) + (2 * (KernelConnections + OwnConnections)), $"last work request reached {reached} times, missing {missing} times");
        Assert.True(reached > missing, $"last work request reached {reached} times, missing {missing} times");
        Say($"{KernelConnections} and {OwnConnections} times connected and disconnected: the target holds nothing; last work request reached {reached} times, missing {missing} times");
    }
}
