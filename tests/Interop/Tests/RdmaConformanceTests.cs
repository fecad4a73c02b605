using System.Text.RegularExpressions;
using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>The rules of queue pair listeners in <c>tests/Conformance</c> on real verbs: the same assembly, run in the guest.</summary>
public sealed class RdmaConformanceTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    private const string Device = "rules0";
    private const string Address = "192.168.79.1";
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(8);

    [SkippableFact]
    public async Task The_rules_of_queue_pair_listeners_hold_over_soft_RoCE()
    {
        await SampleProgram.BuildAsync("Conformance");
        string folder = await SampleProgram.InstallAsync("Conformance", Guest);
        string text = await Guest.RunAsync(
            $"""
            rdma_up rxe {Device} {Address}
            NVMF_RDMA_ADDRESS={Address} DOTNET_CLI_HOME=/tmp DOTNET_NOLOGO=1 dotnet vstest {folder}/Nvmf.Conformance.Tests.dll '--TestCaseFilter:DisplayName~kind: Rdma'
            rc=$?
            rdma_down {Device}
            exit $rc
            """,
            Timeout);
        Match counts = Regex.Match(text, @"Passed! +- Failed: +0, Passed: +(\d+), Skipped: +0,");
        Assert.True(counts.Success, text);
        Say($"{Guest.KernelRelease}: {counts.Groups[1].Value} rules hold");
    }
}
