using System.Diagnostics;

namespace Nvmf.Bench.Relay;

/// <summary>The relays in turn, in interleaved rounds. This process is client and upstream, on a core of its own.</summary>
internal sealed class RelayBench(RelaySettings settings)
{
    private const int ConnectingClients = 32;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.5);

    public async Task MeasureAsync()
    {
        using var sink = new Sink();
        var relays = new List<RelayProcess>();
        try
        {
            foreach (var kind in settings.Kinds)
            {
                relays.Add(await RelayProcess.StartAsync(kind, sink.Port, settings));
            }

            Console.WriteLine($"\nMedians of {settings.Rounds} interleaved rounds of {settings.Window.TotalSeconds:0.#} s; relay on core {settings.RelayCore}, client and upstream on core {settings.LoadCore}.");
            foreach (var streams in settings.Streams)
            {
                Console.WriteLine($"\n| {streams} stream{(streams == 1 ? "" : "s")} | GiB/s | relay's CPU, s per GiB | relay's core busy |\n|---|---:|---:|---:|");
                await MeasureAsync(relays, (relay, window) => StreamAsync(relay, sink, streams, window), m => $"{Median(m, x => x.GiBPerSecond):0.00} | {Median(m, x => x.CpuSecondsPerGiB):0.000} | {Median(m, x => x.Utilization):P0}");
            }

            Console.WriteLine("\n| connections | per second | relay's CPU, µs each | relay's core busy |\n|---|---:|---:|---:|");
            await MeasureAsync(relays, ConnectAsync, m => $"{Median(m, x => x.PerSecond):N0} | {Median(m, x => x.CpuMicroseconds):0.0} | {Median(m, x => x.Utilization):P0}");
        }
        finally
        {
            foreach (var relay in relays)
            {
                await relay.DisposeAsync();
            }
        }
    }

    private async Task MeasureAsync(List<RelayProcess> relays, Func<RelayProcess, TimeSpan, Task<Measurement>> measure, Func<List<Measurement>, string> format)
    {
        var results = relays.Select(_ => new List<Measurement>()).ToArray();

        // The first round settles: what a relay does often is compiled several times, and that would be measured with it.
        for (var round = -1; round < settings.Rounds; round++)
        {
            // Who goes first changes from round to round, so that a drift of the machine favours nobody.
            for (var i = 0; i < relays.Count; i++)
            {
                var turn = (i + round + relays.Count) % relays.Count;
                var measurement = await measure(relays[turn], round < 0 ? settings.Settle : settings.Window);
                if (round >= 0)
                {
                    results[turn].Add(measurement);
                }
            }
        }

        for (var i = 0; i < relays.Count; i++)
        {
            Console.WriteLine($"| {relays[i].Kind} | {format(results[i])} |");
        }
    }

    private static async Task<Measurement> StreamAsync(RelayProcess relay, Sink sink, int streams, TimeSpan window)
    {
        using var load = Load.Stream(relay.EndPoint, streams);
        await Task.Delay(WarmUp);
        var (bytes, cpu, start) = (sink.Bytes, relay.Cpu, Stopwatch.GetTimestamp());
        await Task.Delay(window);
        return new Measurement(sink.Bytes - bytes, Stopwatch.GetElapsedTime(start), relay.Cpu - cpu);
    }

    private static Task<Measurement> ConnectAsync(RelayProcess relay, TimeSpan window)
    {
        var (cpu, start) = (relay.Cpu, Stopwatch.GetTimestamp());
        var count = Load.Connects(relay.EndPoint, ConnectingClients, window);
        return Task.FromResult(new Measurement(count, Stopwatch.GetElapsedTime(start), relay.Cpu - cpu));
    }

    private static double Median(List<Measurement> measurements, Func<Measurement, double> select)
    {
        var values = measurements.Select(select).Order().ToArray();
        return values.Length % 2 == 1 ? values[values.Length / 2] : (values[(values.Length / 2) - 1] + values[values.Length / 2]) / 2;
    }
}
