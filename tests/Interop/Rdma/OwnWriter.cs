using System.Globalization;
using Nvmf.Interop.Lab;

namespace Nvmf.Interop.Rdma;

/// <summary>This library's own host at work in the guest while something happens to its paths: it knows which of its writes were acknowledged, and finds each of them.</summary>
internal sealed class OwnWriter
{
    private const int Progress = 50;

    // Long enough for a machine that is emulated on a busy one.
    private const int UsualKeepAlive = 4;

    // What the stop file says to GuestHost.
    private const string GiveUp = "give up";

    private readonly Guest _guest;
    private readonly GuestStep _step;
    private readonly string _stopFile;

    private OwnWriter(Guest guest, GuestStep step, string stopFile)
    {
        _guest = guest;
        _step = step;
        _stopFile = stopFile;
    }

    /// <summary>Starts it and waits until all paths are live and it writes.</summary>
    public static Task<OwnWriter> StartAsync(Guest guest, string nqn, int namespaceId, params string[] addresses) =>
        StartAsync(guest, nqn, namespaceId, UsualKeepAlive, addresses);

    /// <summary>Starts it with a keep-alive time-out in seconds: how long a lost association may go on at the most, and with it how long a lost write waits, depends on it.</summary>
    public static async Task<OwnWriter> StartAsync(Guest guest, string nqn, int namespaceId, int keepAlive, params string[] addresses)
    {
        string stopFile = $"/run/stop-{Guid.NewGuid():N}";
        GuestStep step = await guest.StartAsync(
            $"exec dotnet {await OwnHost.InstallAsync("GuestHost", guest)}/GuestHost.dll writes {nqn} {namespaceId} {keepAlive} {stopFile} {string.Join(' ', addresses)}");
        var writer = new OwnWriter(guest, step, stopFile);
        for (int path = 0; path < addresses.Length; path++)
        {
            await writer.PathIsAsync(path, live: true);
        }

        await writer.MakesProgressAsync();
        return writer;
    }

    /// <summary>Waits until a path is live, or is not.</summary>
    public Task PathIsAsync(int path, bool live) => UntilAsync(line => line.Paths[path] == "Live" == live, $"path {path} {(live ? "live" : "lost")}");

    /// <summary>Waits until it has completed more writes than now.</summary>
    public Task MakesProgressAsync()
    {
        long target = Last().Writes + Progress;
        return UntilAsync(line => line.Writes >= target, $"{target} writes");
    }

    /// <summary>Ends it: it reads back everything that was acknowledged.</summary>
    /// <returns>What it said about that.</returns>
    public async Task<string> StopAsync()
    {
        await _guest.RunAsync($"touch {_stopFile}");
        string output = (await _step.WaitAsync(Patience.Long)).Succeeded();
        int verified = output.IndexOf("verified ", StringComparison.Ordinal);
        Assert.True(verified >= 0, output);
        return output[verified..].Trim().ReplaceLineEndings("; ");
    }

    /// <summary>Ends it without a path: its writes fail, and it must hold nothing.</summary>
    /// <returns>What it said about that.</returns>
    public async Task<string> GiveUpAsync()
    {
        await _guest.RunAsync($"echo {GiveUp} >{_stopFile}.new && mv {_stopFile}.new {_stopFile}");
        return (await _step.WaitAsync(Patience.Long)).Succeeded().Trim().Split('\n')[^1];
    }

    private Task UntilAsync(Func<(string[] Paths, long Writes), bool> condition, string expected) =>
        Eventually.TrueAsync(
            () => _step.IsRunning ? Last() is { Paths.Length: > 0 } last && condition(last) : throw new InvalidOperationException($"the writer ended:\n{_step.Output}"),
            Patience.Long,
            () => $"{expected}:\n{_step.Output}");

    private (string[] Paths, long Writes) Last()
    {
        // The last piece is either empty or a line that is being written.
        string[] lines = _step.Output.Split('\n');
        return lines.Length < 2 || lines[^2].Split(' ') is not [var paths, var writes]
            ? ([], 0)
            : (paths.Split(','), long.Parse(writes, CultureInfo.InvariantCulture));
    }
}
