using Nvmf.Interop.Lab;
using Nvmf.Interop.Rdma;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>A link goes down under load over soft RoCE of Linux 6.12: the wire between two devices, which both hosts survive, or a device itself, which nobody on it does.</summary>
[Collection(NewerKernelCollection.Name)]
public sealed class RdmaRoceLinkTests(NewerKernelFixture lab, ITestOutputHelper output) : RdmaLabTest(lab, output)
{
    private const int FioStart = 8 << 20;

    // With one loop, whose shared receive queue is the default depth of capsules with their data.
    private const string SharedReceives = "--loops 1 --rdma-srq";
    private const long SharedReceiveBytes = 1024 * (64 + 4096);

    private static IEnumerable<string> Lost { get; } = [.. RdmaRecovery, @"I/O tag \d+ .*timeout"];

    [SkippableTheory]
    [InlineData("", 0)]
    [InlineData(SharedReceives, SharedReceiveBytes)]
    public async Task Wire_down_under_load(string options, long sharedReceiveBytes)
    {
        AllowInKernelLog(Lost);
        SoftDevice device = await SoftDevice.CreateWithWireAsync(Guest);
        await using RdmaTarget target = await RdmaTarget.StartAsync(Guest, device, $"--disk mem:16MiB --disk mem:16MiB --verbose {options}");
        LinuxController controller = await target.ConnectAsync(ConnectOptions);
        RdmaLoad load = await RdmaLoad.StartAsync(Guest, controller, FioStart);

        // Nothing tells the target, which has to hear nothing for as long as its hosts have promised to speak.
        await load.LoseAndFindAsync(() => device.SetLinkAsync(up: false), async () =>
        {
            await HoldsNothingAsync(target, sharedReceiveBytes);
            await device.SetLinkAsync(up: true);
        });
        Say($"{Guest.KernelRelease}, rxe {options}, wire down and up: {await load.StopAsync()}");
        await controller.DisconnectAsync();
        await HoldsNothingAsync(target, sharedReceiveBytes);
        AssertEndedWell(target);
    }

    /// <summary>The kernel's own host would hang for ever, see docs/lab.md; so ours alone, and the device is made anew after that.</summary>
    [SkippableTheory]
    [InlineData("", 0)]
    [InlineData(SharedReceives, SharedReceiveBytes)]
    public async Task Device_down_under_load(string options, long sharedReceiveBytes)
    {
        options = $"--disk file:/tmp/link.img,size=16MiB --verbose {options}";
        await using (RdmaTarget target = await RdmaTarget.StartAsync(Guest, "rxe", options))
        {
            target.AllowedInLog = "warning: RDMA device target0: Port(Error|Active)";
            OwnWriter writer = await OwnWriter.StartAsync(Guest, RdmaTarget.Nqn, namespaceId: 1, RdmaTarget.Address);
            await target.Device.SetLinkAsync(up: false);
            await writer.PathIsAsync(0, live: false);
            await HoldsNothingAsync(target, sharedReceiveBytes);
            Assert.Contains("target0: PortError", target.Log, StringComparison.Ordinal);
            await target.Device.SetLinkAsync(up: true);
            Say($"{Guest.KernelRelease}, rxe {options}, device down: {await writer.GiveUpAsync()}");
            AssertEndedWell(target);
        }

        await using (RdmaTarget target = await RdmaTarget.StartAsync(Guest, "rxe", options))
        {
            LinuxController controller = await target.ConnectAsync(ConnectOptions);
            Say($"on the device made anew: {await Fio.VerifyAsync(Guest, await controller.DeviceAsync(), "--bs=4k --size=1m --iodepth=16")}");
            await controller.DisconnectAsync();
            await HoldsNothingAsync(target, sharedReceiveBytes);
        }

        await Guest.RunAsync("rm /tmp/link.img");
    }

    /// <summary>No queue pair waited for its destruction in vain, none left memory behind.</summary>
    private static void AssertEndedWell(RdmaTarget target)
    {
        string[] ends = [.. target.Log.Split('\n').Where(static line => line.Contains(" bytes in quarantine", StringComparison.Ordinal))];
        Assert.NotEmpty(ends);
        Assert.All(ends, static line => Assert.Contains(" 0 bytes in quarantine", line, StringComparison.Ordinal));
    }
}
