namespace Nvmf.Bench.Load;

/// <summary>The result for the person.</summary>
internal static class Report
{
    /// <returns>False when data was not what it should be.</returns>
    public static bool Write(LoadOptions options, LoadWorker[] workers, Usage usage)
    {
        var latencies = new LatencyHistogram();
        foreach (var worker in workers)
        {
            latencies.Add(worker.Latencies);
        }

        var seconds = usage.Elapsed.TotalSeconds;
        var iops = usage.Commands / seconds;
        Console.WriteLine($"  {iops,12:N0} IOPS  {iops * options.Size / (1 << 20),10:N1} MiB/s  over {seconds:0.0} s");
        Console.WriteLine(
            $"  latency µs: mean {latencies.MeanNanoseconds / 1000:N1}, p50 {Micro(50)}, p99 {Micro(99)}, p99.9 {Micro(99.9)}, max {latencies.MaxNanoseconds / 1000.0:N1}");
        var target = usage.TargetCpu is { } cpu ? $"{Percent(cpu)} target, {cpu.TotalMicroseconds / Math.Max(1, usage.Commands):0.00} µs/op" : "target unknown";
        Console.WriteLine($"  CPU: {Percent(usage.OwnCpu)} load, {usage.OwnCpu.TotalMicroseconds / Math.Max(1, usage.Commands):0.00} µs/op; {target}");
        Console.WriteLine($"  allocated by the load generator: {(double)usage.AllocatedBytes / Math.Max(1, usage.Commands):0.00} B/op");
        if (!options.Verify)
        {
            return true;
        }

        var mismatches = workers.Sum(worker => worker.Mismatches);
        Console.WriteLine(mismatches == 0 ? "  verify: all data was as written" : $"  verify: {mismatches:N0} MISMATCHES");
        foreach (var line in workers.SelectMany(worker => worker.Reports))
        {
            Console.WriteLine($"    {line}");
        }

        return mismatches == 0;

        string Micro(double percentile) => (latencies.PercentileNanoseconds(percentile) / 1000.0).ToString("N1", null);
        string Percent(TimeSpan time) => (time / usage.Elapsed).ToString("P0", null);
    }
}
