using Nvmf.Interop.Lab;
using Nvmf.Interop.Rdma;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>The RDMA binding on the soft devices of the guest's kernel: connections, messages, remote writes and reads, events, destruction in any order.</summary>
public sealed class RdmaPingTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    [SkippableFact]
    public async Task Both_ends_over_soft_RoCE()
    {
        PingReport report = await PingProgram.RunAsync(Guest, "rxe");
        Assert.EndsWith("InfiniBand", report.Text("own", "device"), StringComparison.Ordinal);
        Say($"soft RoCE, {Guest.KernelRelease}: last work request reached {report.Count("shared", "last work request reached")} times");
    }

    [SkippableFact]
    public async Task Both_ends_over_soft_iWARP()
    {
        await SoftDevice.BringSoftIwarpAsync(Guest);
        PingReport report = await PingProgram.RunAsync(Guest, "siw");
        Assert.EndsWith("Iwarp", report.Text("own", "device"), StringComparison.Ordinal);
        Assert.Equal(0, report.Count("shared", "last work request reached"));
        Say($"soft iWARP, {Guest.KernelRelease}");
    }
}
