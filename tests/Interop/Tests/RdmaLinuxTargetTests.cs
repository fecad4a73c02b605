using Nvmf.Interop.Lab;
using Nvmf.Interop.Rdma;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>This library's own host against the kernel's target: an image there and back over soft RoCE and soft iWARP, two paths that fail in turn over the first.</summary>
public sealed class RdmaLinuxTargetTests(LabFixture lab, ITestOutputHelper output) : RdmaLabTest(lab, output)
{
    private const string Nqn = "nqn.2026-11.dev.nvmf:linux-rdma";
    private const int FirstPort = 4420;
    private const int Paths = 2;

    private static readonly string[] TargetMessages =
    [
        "^nvmet: (adding nsid|creating nvm controller|ctrl [0-9]+ (keep-alive timer|fatal error))",
        "^nvmet_rdma: (enabling port|[A-Z]+ for CQE 0x[0-9a-f]+ failed with status|received IB QP event: last WQE reached)",
    ];

    [SkippableFact]
    public async Task An_image_is_copied_and_writes_survive_failing_paths()
    {
        AllowInKernelLog(TargetMessages);
        await using SoftDevice device = await SoftDevice.CreateAsync(Guest, "rxe");
        await Guest.RunAsync($"start_nvmet rdma {SoftDevice.IPAddress} {Nqn} {string.Join(' ', Enumerable.Range(FirstPort, Paths))}");
        string[] addresses = [.. Enumerable.Range(FirstPort, Paths).Select(static port => $"rdma://{SoftDevice.IPAddress}:{port}")];
        Say($"DiskCopy: {await OwnHost.CopyAsync(Guest, addresses[0], Nqn, mebibytes: 4)}");

        OwnWriter writer = await OwnWriter.StartAsync(Guest, Nqn, namespaceId: 1, addresses);
        for (int path = 0; path < Paths; path++)
        {
            await Guest.RunAsync($"nvmet_path {Nqn} {FirstPort + path} down");
            await writer.PathIsAsync(path, live: false);
            await writer.MakesProgressAsync();
            await Guest.RunAsync($"nvmet_path {Nqn} {FirstPort + path} up");
            await writer.PathIsAsync(path, live: true);
            await writer.MakesProgressAsync();
        }

        Say($"{Guest.KernelRelease}: {await writer.StopAsync()}: each acknowledged write is there");
        await Guest.RunAsync("stop_nvmet");
    }
    [SkippableFact]
    public async Task An_image_is_copied_over_soft_iWARP()
    {
        AllowInKernelLog(TargetMessages);
        await SoftDevice.BringSoftIwarpAsync(Guest);
        await using SoftDevice device = await SoftDevice.CreateAsync(Guest, "siw");
        await Guest.RunAsync($"start_nvmet rdma {SoftDevice.IPAddress} {Nqn} {FirstPort}");
        Say($"{Guest.KernelRelease}: DiskCopy: {await OwnHost.CopyAsync(Guest, $"rdma://{SoftDevice.IPAddress}:{FirstPort}", Nqn, mebibytes: 2)}");
        await Guest.RunAsync("stop_nvmet");
    }
}
