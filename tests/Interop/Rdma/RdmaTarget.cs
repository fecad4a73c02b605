using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Nvmf.Interop.Lab;

namespace Nvmf.Interop.Rdma;

/// <summary>A soft RDMA device in the guest, and samples/TargetHost at its address. It can be killed and started again.</summary>
internal sealed class RdmaTarget : IAsyncDisposable
{
    public const string Nqn = "nqn.2026-11.test.interop:rdma";
    public const string Address = $"rdma://{SoftDevice.IPAddress}:4420";

    private readonly Guest _guest;
    private readonly string _command;
    private GuestStep _process;
    private string _earlierLog = "";

    private RdmaTarget(Guest guest, SoftDevice device, string command, GuestStep process)
    {
        _guest = guest;
        Device = device;
        _command = command;
        _process = process;
    }

    public SoftDevice Device { get; }

    /// <summary>What it has printed.</summary>
    public string Log => _earlierLog + _process.Output;

    /// <summary>Warnings that belong to what the test does, as a regular expression.</summary>
    public string? AllowedInLog { get; set; }

    /// <summary>Makes the device, starts the target and waits until it serves.</summary>
    /// <param name="guest">Where.</param>
    /// <param name="type">rxe or siw.</param>
    /// <param name="options">Options besides addresses and name.</param>
    public static async Task<RdmaTarget> StartAsync(Guest guest, string type, string options = "--disk mem:16MiB") =>
        await StartAsync(guest, await SoftDevice.CreateAsync(guest, type), options);

    /// <summary>Starts the target on a device, which goes with it, and waits until it serves.</summary>
    public static async Task<RdmaTarget> StartAsync(Guest guest, SoftDevice device, string options)
    {
        string folder = await SampleProgram.InstallAsync("TargetHost", guest);
        await guest.RunAsync("modprobe nvme-rdma");
        string command = $"exec dotnet {folder}/TargetHost.dll --listen {Address} --http 127.0.0.1:8080 --nqn {Nqn} --poison {options}";
        return new RdmaTarget(guest, device, command, await RunAsync(guest, command));
    }

    /// <summary>Connects the guest's kernel.</summary>
    public async Task<LinuxController> ConnectAsync(string options)
    {
        string json = await _guest.RunAsync($"nvme connect -t rdma -a {SoftDevice.IPAddress} -s 4420 -n {Nqn} -o json {options}", Patience.Long);
        return new LinuxController(_guest, Regex.Match(json, "\"device\" *: *\"(nvme[0-9]+)\"").Groups[1].Value);
    }

    /// <summary>Ends it without a chance to do anything (SIGKILL); the device stays.</summary>
    public async Task KillAsync()
    {
        await _guest.RunAsync("pkill -KILL -f TargetHost.dll");
        StepResult end = await _process.WaitAsync(Patience.Usual);
        _earlierLog += end.Output;
    }

    /// <summary>Starts it once more, with the same options.</summary>
    public async Task RestartAsync() => _process = await RunAsync(_guest, _command);

    /// <summary>DELETE /listeners: the drain reports.</summary>
    public Task<JsonElement> RemoveListenerAsync(double gracefulSeconds) =>
        SendAsync("DELETE", $"/listeners?address={Uri.EscapeDataString(Address)}&graceful={gracefulSeconds.ToString(CultureInfo.InvariantCulture)}", "");

    public Task<JsonElement> AddListenerAsync() => SendAsync("POST", "/listeners", $$"""{"address":"{{Address}}"}""");

    /// <summary>GET /health.</summary>
    public Task<JsonElement> HealthAsync() => SendAsync("GET", "/health", "");

    /// <summary>Waits until it holds no queue pair.</summary>
    public async Task NoQueuePairsAsync()
    {
        string last = "";
        await Eventually.TrueAsync(
            async () =>
            {
                JsonElement pairs = await SendAsync("GET", "/queuepairs", "");
                last = pairs.GetRawText();
                return pairs.GetArrayLength() == 0;
            },
            Patience.Usual,
            () => $"no queue pairs left: {last}");
    }

    /// <summary>SIGTERM: it must end well and must not have complained. Removes the device.</summary>
    public async ValueTask DisposeAsync()
    {
        await _guest.RunAsync("pkill -TERM -f TargetHost.dll");
        StepResult end = await _process.WaitAsync(Patience.Usual);
        Assert.True(end.ExitCode == 0, $"TargetHost ended with {end.ExitCode}:\n{end.Output}");
        string log = AllowedInLog is null ? Log : Regex.Replace(Log, AllowedInLog, "");
        Assert.DoesNotMatch("warning: |error: |Unhandled exception|(?m)^   at ", log);
        await Device.DisposeAsync();
    }

    private static async Task<GuestStep> RunAsync(Guest guest, string command)
    {
        GuestStep process = await guest.StartAsync(command);
        await process.WaitForOutputAsync($"Listening on {Address}", Patience.Long);
        return process;
    }

    private async Task<JsonElement> SendAsync(string method, string path, string body)
    {
        string answer = await _guest.RunAsync($"http {method} '{path}' '{body}'", Patience.Long);
        Assert.Matches("^HTTP/1.1 20[0-9]", answer);
        return JsonDocument.Parse(answer[answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)..]).RootElement;
    }
}
