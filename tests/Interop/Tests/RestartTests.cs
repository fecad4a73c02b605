using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>A target that ends, well or not, and comes back on the same file: the host reconnects by itself, and nothing that was acknowledged is lost.</summary>
public sealed class RestartTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    private const int Rounds = 3;
    private const int FioStart = 8 << 20;

    [SkippableTheory]
    [InlineData("SIGTERM")]
    [InlineData("SIGKILL")]
    public async Task Restart_under_fio(string signal)
    {
        using var file = new TemporaryFile();
        await StartTargetAsync("--disk", $"file:{file.Path},size=32MiB");
        AllowInKernelLog(Recovery);
        LinuxController controller = await ConnectAsync("-i 2 --reconnect-delay=1 --ctrl-loss-tmo=300");
        string device = await controller.DeviceAsync();
        FioLoad load = await FioLoad.StartAsync(Guest, device, offset: FioStart);
        var writer = await FlushedWriter.StartAsync(Guest, device);

        for (int i = 0; i < Rounds; i++)
        {
            await writer.MakesProgressAsync();
            if (signal == "SIGTERM")
            {
                Assert.Equal(0, await Target.StopAsync());
            }
            else
            {
                await Target.KillAsync();
            }

            // Answers that were under way when the target died reach the host until it notices.
            await controller.WaitForStateAsync("connecting", Patience.Long);
            await writer.AssertAllIn(file.Path);
            await Target.StartAsync();
            await controller.WaitForStateAsync("live", Patience.Long);
            await load.MakesProgressAsync();
        }

        int acknowledged = await writer.StopAsync();
        await writer.AssertAllIn(file.Path);
        FioResult fio = await load.StopAsync();
        Say($"{Rounds} times {signal}: all of {acknowledged} flushed writes were in the file each time; {fio}");
    }
}
