using Nvmf.Interop.Lab;
using Nvmf.Interop.Rdma;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>"Last work request reached" as a device really sends it: soft RoCE of Linux 6.12 does, with a shared receive queue, repeatedly.</summary>
[Collection(NewerKernelCollection.Name)]
public sealed class LastWorkRequestTests(NewerKernelFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    [SkippableFact]
    public async Task Comes_repeatedly_and_does_no_harm()
    {
        PingReport report = await PingProgram.RunAsync(Guest, "rxe");
        Assert.InRange(report.Count("shared", "last work request reached"), 2, 1000);
        Assert.Equal(1, report.Count("shared", "last work request reached of the server"));
        Assert.Equal(1, report.Count("shared", "queue pair waits for its event"));
        Say($"soft RoCE, {Guest.KernelRelease}: last work request reached {report.Count("shared", "last work request reached")} times");
    }
}
