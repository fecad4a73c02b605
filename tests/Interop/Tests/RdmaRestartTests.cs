using Nvmf.Interop.Lab;
using Nvmf.Interop.Rdma;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>
/// The target is killed and comes back on the same files: the kernel's host and this library's own reconnect by themselves, and nothing that was acknowledged is lost.
/// </summary>
public sealed class RdmaRestartTests(LabFixture lab, ITestOutputHelper output) : RdmaLabTest(lab, output)
{
    private const string FlushedDisk = "flushed.img";
    private const int FioStart = 8 << 20;

    [SkippableFact]
    public Task Target_killed_under_load() => UnderLoadAsync("rxe", async (target, load) =>
    {
        await load.LoseAndFindAsync(
            async () =>
            {
                await target.KillAsync();
                await Guest.RunAsync($"head -c 1M /tmp/{FlushedDisk} >/ctl/{FlushedDisk}");
                await load.Flushed.AssertAllIn(Path.Combine(Guest.Folder, FlushedDisk));
            },
            target.RestartAsync);
        return "SIGKILL";
    });

    private async Task UnderLoadAsync(string type, Func<RdmaTarget, RdmaLoad, Task<string>> disturbAsync)
    {
        AllowInKernelLog(RdmaRecovery);
        await using RdmaTarget target = await RdmaTarget.StartAsync(Guest, type, $"--disk file:/tmp/{FlushedDisk},size=16MiB --disk file:/tmp/own.img,size=16MiB");
        LinuxController controller = await target.ConnectAsync(ConnectOptions);
        RdmaLoad load = await RdmaLoad.StartAsync(Guest, controller, FioStart);
        string disturbed = await disturbAsync(target, load);
        string done = await load.StopAsync();
        await controller.DisconnectAsync();
        await HoldsNothingAsync(target);
        await Guest.RunAsync($"rm /tmp/{FlushedDisk} /tmp/own.img");
        Say($"{Guest.KernelRelease}, {type}: {disturbed}: {done}");
    }
}
