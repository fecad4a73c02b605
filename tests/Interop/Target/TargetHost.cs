using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Nvmf.Interop;

/// <summary>samples/TargetHost, running natively on this machine's loopback. It can be stopped and started again on the same port.</summary>
public sealed class TargetHost : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(60);

    private readonly string _logPath;
    private readonly string[] _options;
    private readonly StringBuilder _log = new();
    private readonly int _httpPort;
    private Process? _process;

    /// <summary>Describes a target whose log goes to <paramref name="logName"/>.log.</summary>
    public TargetHost(string logName, params string[] options)
    {
        _logPath = logName + ".log";
        _options = options;
        Port = FreePort.Next();
        _httpPort = FreePort.Next();
        Control = new TargetControl(new Uri($"http://127.0.0.1:{_httpPort}"));
    }

    /// <summary>The TCP port on loopback; the guest reaches it at 10.0.2.2.</summary>
    public int Port { get; }

    /// <summary>How listeners are written.</summary>
    public string Address => $"tcp://127.0.0.1:{Port}";

    /// <summary>The subsystem.</summary>
    public string Nqn { get; } = "nqn.2026-11.test.interop:disk";

    /// <summary>Its HTTP end point.</summary>
    public TargetControl Control { get; }

    /// <summary>What it has printed since its first start.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    private static string Assembly => Path.Combine(Lab.SampleProgram.Folder("TargetHost"), "TargetHost.dll");

    /// <summary>Builds it in Release.</summary>
    public static Task BuildAsync() => Lab.SampleProgram.BuildAsync("TargetHost");

    /// <summary>Starts it and waits until it serves.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Assembly, "--listen", Address, "--http", $"127.0.0.1:{_httpPort}", "--nqn", Nqn, "--poison", .. _options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Append(e.Data);
        _process.ErrorDataReceived += (_, e) => Append(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Lab.Eventually.TrueAsync(
            async () => !_process.HasExited ? await Control.IsHealthyAsync() : throw new InvalidOperationException($"TargetHost ended with {_process.ExitCode}:\n{Log}"),
            StartTimeout,
            () => $"TargetHost up:\n{Log}");
    }

    /// <summary>Waits until it has printed a text.</summary>
    public Task WaitForLogAsync(string text, TimeSpan timeout) =>
        Lab.Eventually.TrueAsync(() => Log.Contains(text, StringComparison.Ordinal), timeout, () => $"'{text}' in the target's log:\n{Log}");

    /// <summary>Waits until it holds no queue pair.</summary>
    public async Task NoQueuePairsAsync(TimeSpan timeout)
    {
        string last = "";
        await Lab.Eventually.TrueAsync(
            async () =>
            {
                System.Text.Json.JsonElement pairs = await Control.QueuePairsAsync();
                last = pairs.GetRawText();
                return pairs.GetArrayLength() == 0;
            },
            timeout,
            () => $"no queue pairs left: {last}");
    }

    /// <summary>Asks it to end (SIGTERM), as a service manager does.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        using Process signal = Process.Start("kill", ["-TERM", $"{_process!.Id}"]);
        using var deadline = new CancellationTokenSource(StopTimeout);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            throw new TimeoutException($"TargetHost did not end within {StopTimeout.TotalSeconds} s of SIGTERM:\n{Log}");
        }

        int exitCode = _process.ExitCode;
        Forget();
        return exitCode;
    }

    /// <summary>Ends it without a chance to do anything (SIGKILL).</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        Forget();
    }

    /// <summary>Stops it if it still runs: it must end well and must not have logged a warning.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_process is not null)
            {
                int exitCode = await StopAsync();
                Assert.True(exitCode == 0, $"TargetHost ended with {exitCode}:\n{Log}");
            }

            string[] bad = [.. Log.Split('\n').Where(line => Regex.IsMatch(line, @"warning: |error: |Unhandled exception|^   at "))];
            Assert.True(bad.Length == 0, $"TargetHost complained:\n{Log}");
        }
        finally
        {
            Control.Dispose();
        }
    }

    private void Forget()
    {
        _process!.Dispose();
        _process = null;
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
