using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Nvmf.Bench.Http;

/// <summary>wrk and h2load, as they come with the system.</summary>
internal static partial class LoadTool
{
    public static (string Tool, string Package) For(HttpCase httpCase) =>
        httpCase.Protocols == HttpProtocols.Http1 ? ("wrk", "wrk") : ("h2load", "nghttp2-client");

    public static bool IsInstalled(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, tool)));

    public static Task<(long Requests, TimeSpan Percentile99)> RunAsync(HttpCase httpCase, int port, TimeSpan length) =>
        httpCase.Protocols == HttpProtocols.Http1 ? RunWrkAsync(httpCase, port, length) : RunH2LoadAsync(httpCase, port, length);

    private static async Task<(long Requests, TimeSpan Percentile99)> RunWrkAsync(HttpCase httpCase, int port, TimeSpan length)
    {
        var output = await ExecuteAsync(
            "wrk", $"-t1 -c{httpCase.Connections} -d{Seconds(length)}s --latency http://127.0.0.1:{port}{httpCase.Path}");
        if (output.Contains("Socket errors", StringComparison.Ordinal) || output.Contains("Non-2xx", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"wrk met errors:\n{output}");
        }

        var requests = long.Parse(Find(WrkRequests(), output).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        var latency = Find(WrkPercentile99(), output);
        var number = double.Parse(latency.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return (requests, latency.Groups[2].Value switch
        {
            "us" => TimeSpan.FromMicroseconds(number),
            "ms" => TimeSpan.FromMilliseconds(number),
            _ => TimeSpan.FromSeconds(number),
        });
    }

    private static async Task<(long Requests, TimeSpan Percentile99)> RunH2LoadAsync(HttpCase httpCase, int port, TimeSpan length)
    {
        var log = Path.GetTempFileName();
        try
        {
            File.Delete(log);
            var output = await ExecuteAsync(
                "h2load",
                $"-t1 -c{httpCase.Connections} -m{httpCase.Streams} -D{Seconds(length)} --log-file={log} http://127.0.0.1:{port}{httpCase.Path}");
            var counts = Find(H2LoadRequests(), output);
            if (counts.Groups[2].Value != "0" || counts.Groups[3].Value != "0")
            {
                throw new InvalidOperationException($"h2load met errors:\n{output}");
            }

            // Start, status, duration in µs.
            var durations = File.ReadLines(log).Select(line => long.Parse(line.AsSpan(line.LastIndexOf('\t') + 1), CultureInfo.InvariantCulture)).Order().ToArray();
            if (durations.Length == 0)
            {
                throw new InvalidOperationException($"h2load got no answer:\n{output}");
            }

            return (long.Parse(counts.Groups[1].ValueSpan, CultureInfo.InvariantCulture), TimeSpan.FromMicroseconds(durations[durations.Length * 99 / 100]));
        }
        finally
        {
            File.Delete(log);
        }
    }

    private static int Seconds(TimeSpan length) => Math.Max(1, (int)Math.Round(length.TotalSeconds));

    private static Match Find(Regex pattern, string output) =>
        pattern.Match(output) is { Success: true } match ? match : throw new InvalidOperationException($"Unexpected output of the load tool:\n{output}");

    private static async Task<string> ExecuteAsync(string tool, string arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true })!;
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{tool} {arguments} failed:\n{output}");
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException($"{tool} cannot be started.");
        }
    }

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex WrkRequests();

    [GeneratedRegex(@"99%\s+([\d.]+)(us|ms|s)")]
    private static partial Regex WrkPercentile99();

    [GeneratedRegex(@"(\d+) succeeded, (\d+) failed, (\d+) errored")]
    private static partial Regex H2LoadRequests();
}
