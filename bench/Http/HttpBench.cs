using System.Diagnostics;

namespace Nvmf.Bench.Http;

/// <summary>Runs each case against all transports in interleaved rounds, so that whatever else the machine does meets all of them.</summary>
internal sealed class HttpBench(IReadOnlyList<HttpCase> cases, IReadOnlyList<TransportKind> kinds, int rounds, TimeSpan length, int serverCore)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    public async Task RunAsync()
    {
        Console.WriteLine("| case | transport | requests/s | requests per CPU-second | against Sockets | p99 ms | against Sockets |");
        Console.WriteLine("|---|---|---:|---:|---:|---:|---:|");
        foreach (var httpCase in cases)
        {
            await RunAsync(httpCase);
        }
    }

    private async Task RunAsync(HttpCase httpCase)
    {
        var servers = new List<ServerProcess>();
        try
        {
            foreach (var kind in kinds)
            {
                servers.Add(await ServerProcess.StartAsync(kind, httpCase.Protocols, serverCore));
            }

            foreach (var server in servers)
            {
                await MeasureAsync(server, httpCase, WarmUp);
            }

            var results = servers.ToDictionary(server => server.Kind, _ => new List<Measurement>());
            for (var round = 0; round < rounds; round++)
            {
                foreach (var server in servers)
                {
                    results[server.Kind].Add(await MeasureAsync(server, httpCase, length));
                }
            }

            foreach (var kind in kinds)
            {
                Console.WriteLine(Row(httpCase, kind, results));
            }
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    private static async Task<Measurement> MeasureAsync(ServerProcess server, HttpCase httpCase, TimeSpan length)
    {
        var cpu = server.Cpu;
        var start = Stopwatch.GetTimestamp();
        var (requests, percentile99) = await LoadTool.RunAsync(httpCase, server.Port, length);
        return new Measurement(requests, Stopwatch.GetElapsedTime(start), server.Cpu - cpu, percentile99);
    }

    private static string Row(HttpCase httpCase, TransportKind kind, Dictionary<TransportKind, List<Measurement>> results)
    {
        var own = results[kind];
        var reference = results.GetValueOrDefault(kind is TransportKind.TcpInline or TransportKind.SocketsInline ? TransportKind.SocketsInline : TransportKind.Sockets);
        return $"| {httpCase.Name} | {kind} | {Median(own, m => m.RequestsPerSecond):N0} | {Median(own, m => m.RequestsPerCpuSecond):N0} "
            + $"| {Ratio(own, reference, m => m.RequestsPerCpuSecond)} | {Median(own, m => m.Percentile99.TotalMilliseconds):0.00} "
            + $"| {Ratio(own, reference, m => m.Percentile99.TotalMilliseconds)} |";
    }

    /// <summary>Median of the ratios of neighbours in time.</summary>
    private static string Ratio(List<Measurement> own, List<Measurement>? reference, Func<Measurement, double> select) =>
        reference is null || ReferenceEquals(own, reference) ? "" : $"**{Median(own.Zip(reference, (o, r) => select(o) / select(r))):0.00}**";

    private static double Median(List<Measurement> measurements, Func<Measurement, double> select) => Median(measurements.Select(select));

    private static double Median(IEnumerable<double> values)
    {
        var ordered = values.Order().ToArray();
        return ordered.Length % 2 == 1 ? ordered[ordered.Length / 2] : (ordered[(ordered.Length / 2) - 1] + ordered[ordered.Length / 2]) / 2;
    }
}
