using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Nvmf.Bench.Floor;

/// <summary>A server in a process of its own, so that its CPU time and its allocations are its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, ServerKind kind, int port)
    {
        _process = process;
        Kind = kind;
        EndPoint = new IPEndPoint(IPAddress.Loopback, port);
    }

    public ServerKind Kind { get; }

    public IPEndPoint EndPoint { get; }

    public TimeSpan Cpu => ProcessClock.TryRead(_process.Id) ?? throw new InvalidOperationException($"The {Kind} process has ended.");

    public static async Task<ServerProcess> StartAsync(ServerKind kind, int core)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        // Under "dotnet Floor.dll" the process is the host, and the program its first argument.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ServerProcess).Assembly.Location);
        }

        foreach (var argument in new[] { "serve", kind.ToString(), core.ToString(CultureInfo.InvariantCulture) })
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var line = await process.StandardOutput.ReadLineAsync(patience.Token);
        return int.TryParse(line, CultureInfo.InvariantCulture, out var port)
            ? new ServerProcess(process, kind, port)
            : throw new InvalidOperationException($"The {kind} process did not start.");
    }

    /// <summary>All bytes the server has allocated so far.</summary>
    public async Task<long> GetAllocatedBytesAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync();
        return long.Parse((await _process.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
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
