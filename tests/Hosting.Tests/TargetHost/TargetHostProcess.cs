using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Nvmf.Abstractions.Connections;

namespace Nvmf.Hosting.Tests.TargetHost;

/// <summary>A built sample as a process of its own: TargetHost, or another by its name.</summary>
internal sealed partial class TargetHostProcess : IAsyncDisposable
{
    public const int Interrupt = 2;
    public const int Terminate = 15;

    private readonly Process _process = new();
    private readonly ConcurrentQueue<string> _output = [];
    private readonly StringBuilder _error = new();
    private readonly HttpClient _http = new() { Timeout = Wait.Deadline };

    private TargetHostProcess(string sample, string[] arguments, string? shell = null, string? folder = null)
    {
        string path = typeof(TargetHostProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == sample).Value!;
        string[] command = shell is null ? ["dotnet", path, .. arguments] : ["sh", "-c", shell, "dotnet", path, .. arguments];
        _process.StartInfo = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder ?? "",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        _process.OutputDataReceived += (_, e) => Add(e.Data);
        _process.ErrorDataReceived += (_, e) => _error.Append(e.Data is null ? "" : e.Data + "\n");
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Standard error so far.</summary>
    public string Error => _error.ToString();

    /// <summary>Lines of standard output so far.</summary>
    public IReadOnlyList<string> Output => [.. _output];

    /// <summary>The lines "Listening on …".</summary>
    public IReadOnlyList<FabricsAddress> Listeners => [.. Addresses("Listening on ").Select(FabricsAddress.Parse)];

    public FabricsAddress Address => Listeners[0];

    /// <summary>Starts it and waits until it serves.</summary>
    public static Task<TargetHostProcess> StartAsync(params string[] arguments) => StartSampleAsync("TargetHost", arguments);

    /// <summary>Starts another sample and waits until it serves.</summary>
    public static async Task<TargetHostProcess> StartSampleAsync(string sample, params string[] arguments)
    {
        var host = new TargetHostProcess(sample, arguments);
        host.Start();
        await Wait.UntilAsync(() => host._output.Contains("Ctrl-C drains and ends.") || host._process.HasExited, $"the start of {sample}");
        Assert.False(host._process.HasExited, $"{sample} ended: {host._error}");
        return host;
    }

    /// <summary>Starts it by a line of a shell, in which <c>exec "$0" "$@"</c> is the program and its arguments, and does not wait.</summary>
    public static TargetHostProcess StartInShell(string shell, string? folder, params string[] arguments)
    {
        var host = new TargetHostProcess("TargetHost", arguments, shell, folder);
        host.Start();
        return host;
    }

    /// <summary>Runs it to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => RunSampleAsync("TargetHost", arguments);

    /// <summary>Runs another sample to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunSampleAsync(string sample, params string[] arguments)
    {
        await using var host = new TargetHostProcess(sample, arguments);
        host.Start();
        int exitCode = await host.ExitAsync();
        return (exitCode, string.Join('\n', host._output), host._error.ToString());
    }

    public async Task WaitForLineAsync(string part) => await Wait.UntilAsync(
        () => _output.Any(l => l.Contains(part, StringComparison.Ordinal)), $"the line '{part}' in:\n{string.Join('\n', _output)}");

    public void Signal(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    public async Task<int> ExitAsync()
    {
        using var deadline = new CancellationTokenSource(Wait.Deadline);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    /// <summary>A request to the control end point.</summary>
    /// <returns>Status code and JSON; null for an empty answer.</returns>
    public async Task<(int Status, JsonNode? Json)> SendAsync(string method, string path, string? json = null, string mediaType = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Addresses("Control on ").Single() + path);
        if (json is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        }

        using HttpResponseMessage response = await _http.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, body.Length == 0 ? null : JsonNode.Parse(body));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _http.Dispose();
        _process.Dispose();
    }

    private void Start()
    {
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Add(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
        }
    }

    private IEnumerable<string> Addresses(string prefix) =>
        _output.Where(l => l.StartsWith(prefix, StringComparison.Ordinal)).Select(l => l[prefix.Length..]);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
