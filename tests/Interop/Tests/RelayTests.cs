using System.Text.Json;
using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

/// <summary>The Linux initiator reaches the target through samples/RelayHost, which splices.</summary>
public sealed class RelayTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    [SkippableFact]
    public async Task Fio_verify_through_a_relay()
    {
        await StartTargetAsync("--disk", "mem:64MiB");
        await using RelayHost relay = await StartRelayAsync();
        LinuxController controller = await ConnectAsync("-i 2 -g -G", relay.Port);
        FioResult fio = await Fio.VerifyAsync(
            Guest, await controller.DeviceAsync(), "--bssplit=4k/40:12k/20:64k/20:256k/10:1m/10 --size=24m --iodepth=16");
        JsonElement status = await relay.StatusAsync();
        Assert.True(status.GetProperty("bytesSpliced").GetInt64() > fio.WrittenBytes + fio.ReadBytes, $"{status}");
        Assert.Equal(0, status.GetProperty("bytesCopied").GetInt64());
        Assert.Equal(3, status.GetProperty("active").GetInt32());

        // Before the relay goes, and the guest would be missing it.
        await Guest.TryAsync("clean_up", Patience.Usual);
        Say($"{fio}, header and data digests, through {status.GetProperty("bytesSpliced")} spliced bytes");
    }

    [SkippableFact]
    public async Task A_relay_removed_and_added_again_under_fio()
    {
        await StartTargetAsync("--disk", "mem:16MiB");
        await using RelayHost relay = await StartRelayAsync();
        AllowInKernelLog(Recovery);
        LinuxController controller = await ConnectAsync("-i 2 --reconnect-delay=1 --ctrl-loss-tmo=300", relay.Port);
        FioLoad load = await FioLoad.StartAsync(Guest, await controller.DeviceAsync());
        string reports = "";
        for (int i = 0; i < 2; i++)
        {
            JsonElement report = await relay.RemoveListenerAsync();
            reports += report.GetRawText() + "\n";
            Assert.Equal(3, report.GetProperty("relays").GetArrayLength());
            Assert.Equal(0, (await relay.StatusAsync()).GetProperty("active").GetInt32());
            await Target.NoQueuePairsAsync(Patience.Usual);
            await controller.WaitForStateAsync("connecting", Patience.Long);
            await relay.AddListenerAsync();
            await controller.WaitForStateAsync("live", Patience.Long);
            await load.MakesProgressAsync();
        }

        FioResult fio = await load.StopAsync();
        Say($"twice removed and added: {fio}; drain reports:\n{reports}");
    }

    private Task<RelayHost> StartRelayAsync() => RelayHost.StartAsync(Path.Combine(Repository.RunFolder, GetType().Name + "-relay"), Target.Address);
}
