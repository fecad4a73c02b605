using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Bench.Load;
using Nvmf.Hosting;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Bench.Soak;

/// <summary>A target and its hosts in one process: listeners come, are used with all kinds of commands, and are removed in the middle, for as long as is asked for.</summary>
internal sealed class SoakRun(SoakOptions options, Action<string> say)
{
    public const string Nqn = "nqn.2026-11.example:soak";

    private const int MaxFaults = 20;

    /// <summary>By then pools and thread pool have their size, and the code is compiled.</summary>
    private const int WarmRemovals = 200;

    private readonly ConcurrentQueue<string> _faults = [];
    private readonly ConcurrentQueue<DrainReport> _reports = [];
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _removals;
    private long _reads;
    private long _writes;
    private ProcessSample? _warm;

    public async Task<SoakResult> RunAsync(CancellationToken cancellationToken)
    {
        IHost host = BuildTarget();
        await host.StartAsync(cancellationToken).ConfigureAwait(false);
        BufferPool pool = host.Services.GetRequiredService<BufferPool>();
        INvmeTargetControl control = host.Services.GetRequiredService<INvmeTargetControl>();
        using (var hostPool = new BufferPool(new BufferPoolOptions { Poison = true, LimitInBytes = 256 << 20 }))
        {
            var connections = new TcpConnectionFactory(Options.Create(new TcpTransportOptions()), NullLoggerFactory.Instance);
            await using (connections.ConfigureAwait(false))
            {
                var connector = new TcpHostQueuePairConnector(connections);
                await Task.WhenAll(Enumerable.Range(0, options.Workers)
                    .Select(i => Task.Run(() => new SoakWorker(this, control, connector, hostPool, i, options.Seed + i).RunAsync(cancellationToken), CancellationToken.None)))
                    .ConfigureAwait(false);
            }

            Judge(hostPool.Statistics.PoisonViolations == 0, "the hosts' memory was written to after its release");
        }

        await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
        var result = new SoakResult(
            _removals, _reads, _writes, [.. _faults], DrainTotal.ByCause(_reports), pool.Statistics, control.QueuePairs.Count, _warm, ProcessSample.Take());
        host.Dispose();
        return result;
    }

    public bool GoesOn(CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && _faults.IsEmpty && _removals < options.Removals && Stopwatch.GetElapsedTime(_start) < options.Duration;

    public void CountRead() => Interlocked.Increment(ref _reads);

    public void CountWrite() => Interlocked.Increment(ref _writes);

    public void CountRemoval(IReadOnlyList<DrainReport> reports)
    {
        int removals = Interlocked.Increment(ref _removals);
        foreach (DrainReport report in reports)
        {
            _reports.Enqueue(report);
        }

        if (removals == WarmRemovals)
        {
            _warm = ProcessSample.Take();
        }

        if (removals % 1000 == 0)
        {
            say($"{removals} removals in {Stopwatch.GetElapsedTime(_start).TotalSeconds:0} s, {_reads} reads checked");
        }
    }

    public void Judge(bool good, string fault)
    {
        if (!good && _faults.Count < MaxFaults)
        {
            _faults.Enqueue(fault);
        }
    }

    private IHost BuildTarget()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseNvmeTransport(nvme =>
        {
            nvme.AddSubsystem(Nqn, s => s.AddNamespace($"mem:{SoakWorker.RegionBytes * options.Workers >> 20}MiB"));
            nvme.Poison = true;
            nvme.ZeroCopy = "always";
            nvme.Loops = 2;
        });
        return builder.Build();
    }
}
