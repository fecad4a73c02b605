using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Nvmf.Bench.Http;

/// <summary>A server in a process of its own, so that its CPU time is its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, TransportKind kind, int port)
    {
        _process = process;
        Kind = kind;
        Port = port;
    }

    public TransportKind Kind { get; }

    public int Port { get; }

    public TimeSpan Cpu => ProcessClock.TryRead(_process.Id) ?? throw new InvalidOperationException($"The {Kind} server has ended.");

    public static async Task<ServerProcess> StartAsync(TransportKind kind, HttpProtocols protocols, int core)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        // Under "dotnet Http.dll" the process is the host, and the program its first argument.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ServerProcess).Assembly.Location);
        }

        foreach (var argument in new[] { "serve", kind.ToString(), protocols.ToString(), core.ToString(CultureInfo.InvariantCulture) })
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var line = await process.StandardOutput.ReadLineAsync(patience.Token);
        return int.TryParse(line, CultureInfo.InvariantCulture, out var port)
            ? new ServerProcess(process, kind, port)
            : throw new InvalidOperationException($"The {kind} server did not start.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
