using System.Globalization;
using System.Text.Json;
using Nvmf.Interop.Lab;

namespace Nvmf.Interop;

/// <summary>
/// samples/TargetHost inside the guest, in a network namespace of its own at the far end of a line that is slow and loses packets on the way from the target. There
/// zero-copy completions really are late: the kernel holds the pages until the last of the retransmissions is acknowledged.
/// </summary>
internal sealed class GuestTarget(Guest guest)
{
    public const string Address = "tcp://10.9.0.2:4420";
    public const string Nqn = "nqn.2026-11.test.interop:far";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);

    private GuestStep? _process;

    /// <summary>What it has printed.</summary>
    public string Log => _process?.Output ?? "";

    /// <param name="line">What <c>tc netem</c> does to packets of the target.</param>
    /// <param name="options">Options besides addresses and name.</param>
    public async Task StartAsync(string line, params string[] options)
    {
        string folder = await SampleProgram.InstallAsync("TargetHost", guest);
        await guest.RunAsync($"far_network_up '{line}'");
        _process = await guest.StartAsync(
            $"in_far_network dotnet {folder}/TargetHost.dll --listen {Address} --http 127.0.0.1:8080 --nqn {Nqn} --poison {string.Join(' ', options)}");
        await _process.WaitForOutputAsync($"Listening on {Address}", StartTimeout);
    }

    /// <summary>Connects the guest's kernel.</summary>
    public async Task<LinuxController> ConnectAsync(string options)
    {
        string name = (await guest.RunAsync($"connect_to 10.9.0.2 4420 {Nqn} {options}")).Trim();
        Assert.Matches(@"^nvme\d+$", name);
        return new LinuxController(guest, name);
    }

    /// <summary>DELETE /listeners: the drain reports.</summary>
    public Task<JsonElement> RemoveListenerAsync(double gracefulSeconds) =>
        SendAsync("DELETE", $"/listeners?address={Uri.EscapeDataString(Address)}&graceful={gracefulSeconds.ToString(CultureInfo.InvariantCulture)}", "");

    public Task<JsonElement> AddListenerAsync() => SendAsync("POST", "/listeners", $$"""{"address":"{{Address}}"}""");

    public Task<JsonElement> QueuePairsAsync() => SendAsync("GET", "/queuepairs", "");

    public Task<JsonElement> HealthAsync() => SendAsync("GET", "/health", "");

    /// <summary>SIGTERM. It must end well and must not have complained.</summary>
    public async Task StopAsync()
    {
        await guest.RunAsync("pkill -TERM -x dotnet");
        (await _process!.WaitAsync(Patience.Usual)).Succeeded();
        Assert.DoesNotMatch(@"warning: |error: |Unhandled exception|\n   at ", Log);
    }

    private async Task<JsonElement> SendAsync(string method, string path, string body)
    {
        string answer = await guest.RunAsync($"far_http {method} '{path}' '{body}'", Patience.Long);
        Assert.Matches("^HTTP/1.1 20[0-9]", answer);
        return JsonDocument.Parse(answer[answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)..]).RootElement;
    }
}
