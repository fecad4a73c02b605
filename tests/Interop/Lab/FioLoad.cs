using System.Text.RegularExpressions;

namespace Nvmf.Interop.Lab;

/// <summary>fio at work on a device while something happens to its connection: rounds of writing, reading back and comparing, until it is stopped.</summary>
internal sealed class FioLoad
{
    private static readonly TimeSpan RoundTimeout = TimeSpan.FromSeconds(150);

    private readonly Guest _guest;
    private readonly string _device;
    private readonly string _stopFile;

    private FioLoad(Guest guest, string device, string stopFile, GuestStep step)
    {
        _guest = guest;
        _device = device;
        _stopFile = stopFile;
        Step = step;
    }

    /// <summary>The script that runs fio; it ends with fio's exit code at the first failure.</summary>
    public GuestStep Step { get; }

    /// <summary>Starts it on so many MiB from <paramref name="offset"/> on, and waits until it writes.</summary>
    public static async Task<FioLoad> StartAsync(Guest guest, string device, long offset = 0, int mebibytes = 12)
    {
        string stopFile = $"/run/stop-{Guid.NewGuid():N}";
        GuestStep step = await guest.StartAsync(
            $"""
            until [ -e {stopFile} ]; do
              fio_verify {device} --bssplit=4k/60:64k/30:512k/10 --offset={offset} --size={mebibytes}m --iodepth=16 --verify_backlog=32 --randrepeat=0 || exit
            done
            """);
        var load = new FioLoad(guest, device, stopFile, step);
        await load.MakesProgressAsync();
        return load;
    }

    /// <summary>Waits until the device has completed more writes than now.</summary>
    public async Task MakesProgressAsync()
    {
        string before = await WritesAsync();
        await Eventually.TrueAsync(
            async () => Step.IsRunning ? await WritesAsync() != before : throw new InvalidOperationException($"fio ended:\n{Step.Output}"),
            Patience.Long,
            () => $"{_device} making progress");
    }

    /// <summary>Ends it after the round under way. Fails unless every round compared all that it wrote, without an error.</summary>
    public async Task<FioResult> StopAsync()
    {
        await _guest.RunAsync($"touch {_stopFile}");
        string output = (await Step.WaitAsync(RoundTimeout)).Succeeded();
        FioResult[] rounds = [.. Regex.Split(output, @"(?<=\n\})\n(?=\{|fio)").Where(text => text.Contains("\"jobs\"", StringComparison.Ordinal)).Select(Fio.Parse)];
        Assert.NotEmpty(rounds);
        Assert.All(rounds, Fio.AssertVerified);
        return new FioResult(rounds.Sum(r => r.WrittenBytes), rounds.Sum(r => r.ReadBytes), 0);
    }

    /// <summary>Linux 6.1 counts a multipath device's commands at its paths alone: nvme0c0n1, nvme0c1n1... of nvme0n1.</summary>
    private Task<string> WritesAsync() =>
        _guest.RunAsync($"awk '{{ n += $5 }} END {{ print n }}' $(ls /sys/block/{Regex.Replace(_device, "^/dev/(nvme[0-9]+)n", "$1{,c*}n")}/stat 2>/dev/null)");
}
