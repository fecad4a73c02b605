using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Nvmf.Bench.Relay;

/// <summary>A relay in a process of its own, so that its CPU time is its own.</summary>
internal sealed class RelayProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Process _process;
    private readonly string? _configuration;

    private RelayProcess(Process process, RelayKind kind, int port, string? configuration)
    {
        _process = process;
        _configuration = configuration;
        Kind = kind;
        EndPoint = new IPEndPoint(IPAddress.Loopback, port);
    }

    public RelayKind Kind { get; }

    public IPEndPoint EndPoint { get; }

    public TimeSpan Cpu => ProcessClock.TryRead(_process.Id) ?? throw new InvalidOperationException($"The process of {Kind} has ended.");

    public static Task<RelayProcess> StartAsync(RelayKind kind, int upstreamPort, RelaySettings settings) =>
        kind is RelayKind.Splice or RelayKind.Copy ? StartOwnAsync(kind, upstreamPort, settings) : StartHaproxyAsync(kind, upstreamPort, settings);

    public async ValueTask DisposeAsync()
    {
        if (_configuration is null)
        {
            _process.StandardInput.Close();
        }
        else
        {
            _process.Kill();
        }

        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
        if (_configuration is not null)
        {
            File.Delete(_configuration);
        }
    }

    private static async Task<RelayProcess> StartOwnAsync(RelayKind kind, int upstreamPort, RelaySettings settings)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };

        // Under "dotnet RelayBench.dll" the process is the host, and the program its first argument.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(RelayProcess).Assembly.Location);
        }

        foreach (var argument in new[] { "serve", kind.ToString(), Text(upstreamPort), Text(settings.RelayCore) })
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        var line = await process.StandardOutput.ReadLineAsync(patience.Token);
        return int.TryParse(line, CultureInfo.InvariantCulture, out var port)
            ? new RelayProcess(process, kind, port, configuration: null)
            : throw new InvalidOperationException($"The process of {kind} did not start.");
    }

    private static async Task<RelayProcess> StartHaproxyAsync(RelayKind kind, int upstreamPort, RelaySettings settings)
    {
        var port = FreePort();
        var configuration = Path.GetTempFileName();
        await File.WriteAllTextAsync(configuration, $"""
            global
              nbthread 1
              maxconn 4096
            defaults
              mode tcp
              timeout connect 5s
              timeout client 60s
              timeout server 60s
              {(kind == RelayKind.HaproxySplice ? "option splice-auto" : "no option splice-auto")}
            listen relay
              bind 127.0.0.1:{Text(port)}
              server upstream 127.0.0.1:{Text(upstreamPort)}

            """);
        var process = Process.Start(new ProcessStartInfo(settings.Haproxy, ["-q", "-db", "-f", configuration]))!;
        var start = Stopwatch.GetTimestamp();
        while (!process.HasExited && Stopwatch.GetElapsedTime(start) < Patience)
        {
            if (LocalListener.FindProcess(new IPEndPoint(IPAddress.Loopback, port)) is not null)
            {
                Affinity.Pin(process.Id, settings.RelayCore);
                return new RelayProcess(process, kind, port, configuration);
            }

            await Task.Delay(20);
        }

        throw new InvalidOperationException("haproxy did not start listening.");
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
