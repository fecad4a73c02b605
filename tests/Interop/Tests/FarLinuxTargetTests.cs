using Nvmf.Interop.Lab;
using Nvmf.Interop.Rdma;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>
/// This library's own host against the kernel's target at the far end of a line that is slow and loses packets, both ways: what it sends with zero-copy stays in the
/// network long after a path is gone. The target drops a path, the line goes dead, the target restarts; no acknowledged write is lost.
/// </summary>
public sealed class FarLinuxTargetTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    private const string Nqn = "nqn.2026-11.dev.nvmf:far-linux";
    private const string Line = "delay 50ms loss 2%";
    private const string Ports = "4420 4421";
    private const int KeepAliveSeconds = 2;

    [SkippableFact]
    public async Task Acknowledged_writes_survive_a_lost_path_a_dead_line_and_a_restart()
    {
        AllowInKernelLog("^nvmet: (adding nsid|creating nvm controller|ctrl [0-9]+ (keep-alive timer|fatal error))", "^nvmet_tcp: enabling port", @"^nvmet_tcp: queue \d+ unhandled state");
        await Guest.RunAsync($"far_network_up '{Line}'; near_line '{Line}'; far_nvmet start_nvmet tcp 0.0.0.0 {Nqn} {Ports}");
        OwnWriter writer = await OwnWriter.StartAsync(Guest, Nqn, namespaceId: 1, KeepAliveSeconds, "tcp://10.9.0.2:4420", "tcp://10.9.0.2:4421");

        await Guest.RunAsync($"nvmet_path {Nqn} 4420 down");
        await writer.PathIsAsync(0, live: false);
        await writer.MakesProgressAsync();
        await Guest.RunAsync($"far_nvmet nvmet_path {Nqn} 4420 up");
        await BothPathsAsync(writer, live: true);

        // Nobody tells the target: its associations go on until their timers expire.
        await Guest.RunAsync("near_line 'loss 100%'");
        await BothPathsAsync(writer, live: false);
        await Guest.RunAsync($"near_line '{Line}'");
        await BothPathsAsync(writer, live: true);
        await writer.MakesProgressAsync();

        await Guest.RunAsync("stop_nvmet");
        await BothPathsAsync(writer, live: false);
        await Guest.RunAsync($"far_nvmet start_nvmet tcp 0.0.0.0 {Nqn} {Ports}");
        await BothPathsAsync(writer, live: true);
        await writer.MakesProgressAsync();

        Say($"{Guest.KernelRelease}, {Line} each way: {await writer.StopAsync()}: 0 lost acknowledged writes");
    }

    private static async Task BothPathsAsync(OwnWriter writer, bool live)
    {
        await writer.PathIsAsync(0, live);
        await writer.PathIsAsync(1, live);
    }
}
