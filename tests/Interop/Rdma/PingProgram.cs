using Nvmf.Interop.Lab;

namespace Nvmf.Interop.Rdma;

/// <summary><c>samples/RdmaPing</c> in a guest, over a soft RDMA device of its own.</summary>
internal static class PingProgram
{
    private const int Rounds = 50;
    private const string Device = "ping0";
    private const string Address = "192.168.77.1:7471";

    /// <summary>Runs it with its own and with a shared receive queue; everything that is the same on all devices is asserted here.</summary>
    /// <param name="guest">Where.</param>
    /// <param name="type">rxe or siw.</param>
    public static async Task<PingReport> RunAsync(Guest guest, string type)
    {
        await SampleProgram.BuildAsync("RdmaPing");
        string folder = await SampleProgram.InstallAsync("RdmaPing", guest);
        StepResult result = await guest.TryAsync(
            $"rdma_up {type} {Device} {Address.Split(':')[0]} && dotnet {folder}/RdmaPing.dll {Address} {Rounds} both; rc=$?; rdma_down {Device}; exit $rc",
            Patience.Long);
        var report = new PingReport(result.Succeeded());
        Assert.Equal(["own", "shared"], report.Sections.Order());
        foreach (string section in report.Sections)
        {
            Assert.Equal(Rounds, report.Count(section, "rounds"));
            Assert.Equal(1, report.Count(section, "written"));
            Assert.Equal(1, report.Count(section, "read"));
            Assert.Equal(0, report.Count(section, "client posted minus completed"));
            Assert.Equal(0, report.Count(section, "live handles"));
            Assert.Equal(0, report.Count(section, "failed destructions"));
        }

        Assert.Equal(16, report.Count("own", "server flushed"));
        Assert.Equal(0, report.Count("own", "last work request reached"));
        return report;
    }
}
