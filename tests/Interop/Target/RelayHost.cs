using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Nvmf.Interop.Lab;

namespace Nvmf.Interop;

/// <summary>samples/RelayHost, running natively on this machine's loopback, in front of a target.</summary>
public sealed class RelayHost : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _log = new();
    private readonly string _logPath;
    private readonly string _upstream;
    private readonly Process _process;
    private readonly TargetControl _control;

    private RelayHost(string logName, string upstream)
    {
        _logPath = logName + ".log";
        _upstream = upstream;
        int httpPort = FreePort.Next();
        _control = new TargetControl(new Uri($"http://127.0.0.1:{httpPort}"));
        string assembly = Path.Combine(Repository.Root, "samples", "RelayHost", "bin", "Release", "net10.0", "RelayHost.dll");
        _process = Process.Start(new ProcessStartInfo("dotnet", [assembly, "--listen", Address, "--upstream", upstream, "--http", $"127.0.0.1:{httpPort}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, e) => Append(e.Data);
        _process.ErrorDataReceived += (_, e) => Append(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The TCP port on loopback; the guest reaches it at 10.0.2.2.</summary>
    public int Port { get; } = FreePort.Next();

    private string Address => $"tcp://127.0.0.1:{Port}";

    private string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Starts it and waits until it serves.</summary>
    public static async Task<RelayHost> StartAsync(string logName, string upstream)
    {
        var relay = new RelayHost(logName, upstream);
        await Eventually.TrueAsync(
            async () => !relay._process.HasExited
                ? await relay._control.IsHealthyAsync()
                : throw new InvalidOperationException($"RelayHost ended with {relay._process.ExitCode}:\n{relay.Log}"),
            StartTimeout,
            () => $"RelayHost up:\n{relay.Log}");
        return relay;
    }

    /// <summary>GET /status.</summary>
    public Task<JsonElement> StatusAsync() => _control.SendAsync(HttpMethod.Get, "/status", null);

    /// <summary>DELETE /listeners: the drain reports.</summary>
    public Task<JsonElement> RemoveListenerAsync() => _control.RemoveListenerAsync(Address);

    /// <summary>POST /listeners: the same again.</summary>
    public Task<JsonElement> AddListenerAsync() =>
        _control.SendAsync(HttpMethod.Post, "/listeners", new { address = Address, upstreams = new[] { _upstream } });

    /// <summary>Stops it (SIGTERM): it must end well and must not have logged a warning.</summary>
    public async ValueTask DisposeAsync()
    {
        using (Process signal = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
        {
            await signal.WaitForExitAsync();
        }

        using var deadline = new CancellationTokenSource(StopTimeout);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            throw new TimeoutException($"RelayHost did not end within {StopTimeout.TotalSeconds} s of SIGTERM:\n{Log}");
        }

        int exitCode = _process.ExitCode;
        _process.Dispose();
        _control.Dispose();
        Assert.True(exitCode == 0, $"RelayHost ended with {exitCode}:\n{Log}");
        Assert.False(Regex.IsMatch(Log, @"warning: |error: |Unhandled exception|(?m)^   at "), $"RelayHost complained:\n{Log}");
    }

    private void Append(string? line)
    {
        if (line is not null)
        {
            lock (_log)
            {
                _log.AppendLine(line);
                File.AppendAllText(_logPath, line + "\n");
            }
        }
    }
}
