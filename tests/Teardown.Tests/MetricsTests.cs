using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Namespaces;
using Nvmf.Teardown.Tests.Hosts;
using Nvmf.Teardown.Tests.Targets;

namespace Nvmf.Teardown.Tests;

/// <summary>What docs/metrics.md promises, seen by a listener while a queue pair with a closed window and a stuck command ends.</summary>
public class MetricsTests
{
    [SkippableFact]
    public async Task An_end_is_visible_stage_by_stage()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs Linux.");
        await using ProofTarget target = await ProofTarget.StartAsync(zeroCopy: true);
        target.Disk.SetRules(new FaultRule { Operation = BackendOperation.Read, Hold = true, Limit = 1 });
        using var meters = new MeterProbe(target.Host.Services.GetRequiredService<IMeterFactory>());
        using RawHost host = await RawHost.ConnectAsync(target.EndPoint, PeerMode.ClosedWindow, digests: false);
        await host.Reading.StartAsync();
        await Eventually.TrueAsync(() => target.Pool.Statistics.RentedBlocks >= 16, () => "a closed window");
        Assert.True(meters.Read("nvmf.buffers.leases") >= 16);
        Assert.True(meters.Read("nvmf.buffers.rented") >= 16 * 64 << 10);
        Assert.True(meters.Read("nvmf.target.queue_pairs Live") >= RawHost.QueuePairs);
        Assert.True(meters.Read("nvmf.target.commands io Read") >= ReadingQueue.Depth);

        Task<IReadOnlyList<DrainReport>> removal = target.Control.RemoveListenerAsync(target.Address.ToString());
        await Eventually.TrueAsync(
            () => meters.Read("nvmf.target.queue_pairs Quiescing") > 0 || removal.IsCompleted, () => "a queue pair that waits for its command");
        IReadOnlyList<DrainReport> reports = await removal.WaitAsync(Eventually.Deadline);
        await Eventually.TrueAsync(() => meters.Sum("nvmf.drain.duration") == RawHost.QueuePairs, () => "the reports counted");
        Assert.Equal(1, meters.Sum("nvmf.drain.deadlines commands"));
        Assert.True(meters.Sum("nvmf.drain.deadlines transmissions") >= 1);
        Assert.Equal(0, meters.Sum("nvmf.drain.deadlines abort"));
        Assert.Equal(1, meters.Sum("nvmf.drain.abandoned_commands ListenerRemoved"));
        Assert.Equal(reports.Sum(r => r.AbortedBytes), meters.Sum("nvmf.drain.bytes aborted"));
        Assert.True(meters.Read("nvmf.tcp.sent zero_copy") > 64 << 10);
        Assert.True(meters.Read("nvmf.tcp.drain.deadlines") >= 1);
        Assert.True(meters.Read("nvmf.target.teardowns ListenerRemoved") >= RawHost.QueuePairs);
        Assert.True(meters.Sum("nvmf.target.command.duration io Read") >= 1, "Somebody listened.");

        target.Disk.ReleaseHeld();
        await Eventually.TrueAsync(() => meters.Read("nvmf.buffers.leases") == 0, () => "every lease back");
        Assert.Equal(0, meters.Read("nvmf.buffers.quarantined"));
    }

    /// <summary>Every instrument that exists is in docs/metrics.md, with its unit.</summary>
    [Fact]
    public async Task Every_instrument_is_documented()
    {
        await using ProofTarget target = await ProofTarget.StartAsync(zeroCopy: true);
        using var meters = new MeterProbe(target.Host.Services.GetRequiredService<IMeterFactory>());
        string[] page = await File.ReadAllLinesAsync(Path.Combine(RepositoryRoot(), "docs", "metrics.md"));
        Assert.True(meters.Instruments.Count > 25, string.Join(' ', meters.Instruments.Select(i => i.Name)));
        Assert.All(meters.Instruments, instrument =>
        {
            int dot = instrument.Name.LastIndexOf('.');
            string? line = page.FirstOrDefault(l => l.Contains($"`{instrument.Name}`", StringComparison.Ordinal))
                ?? page.FirstOrDefault(l => l.Contains($"`{instrument.Name[dot..]}`", StringComparison.Ordinal) && l.Contains($"`{instrument.Name[..dot]}.", StringComparison.Ordinal));
            Assert.True(line is not null, $"{instrument.Name} is not in docs/metrics.md.");
            Assert.True(line.Contains($"| {instrument.Unit} |", StringComparison.Ordinal), $"{instrument.Name} has the unit {instrument.Unit}, docs/metrics.md says: {line}");
        });
    }

    private static string RepositoryRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Transports.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    /// <summary>Listens to the project's meters: those of this host, and those that all targets of the process share.</summary>
    private sealed class MeterProbe : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, long> _sums = [];
        private readonly ConcurrentDictionary<string, long> _observed = [];

        public MeterProbe(IMeterFactory factory)
        {
            _listener.InstrumentPublished = (instrument, self) =>
            {
                bool ours = instrument.Meter.Name is "Nvmf.Target" or "Nvmf.Transport.Tcp" || (instrument.Meter.Name == "Nvmf.Hosting" && instrument.Meter.Scope == factory);
                if (ours)
                {
                    Instruments.Enqueue(instrument);
                    self.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(_sums, instrument, 1, tags));
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.IsObservable ? _observed : _sums, instrument, value, tags));
            _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument.IsObservable ? _observed : _sums, instrument, value, tags));
            _listener.Start();
        }

        public ConcurrentQueue<Instrument> Instruments { get; } = [];

        /// <summary>An observable instrument at this moment, with the values of its tags.</summary>
        public long Read(string name)
        {
            _observed.Clear();
            _listener.RecordObservableInstruments();
            return _observed.GetValueOrDefault(name);
        }

        /// <summary>What has been counted, or for a histogram how often, over all whose name and tag values begin like this.</summary>
        public long Sum(string name) => _sums.Where(s => s.Key.StartsWith(name, StringComparison.Ordinal)).Sum(s => s.Value);

        public void Dispose() => _listener.Dispose();

        private static void Add(ConcurrentDictionary<string, long> values, Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string key = instrument.Name;
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                key += $" {tag.Value}";
            }

            values.AddOrUpdate(key, value, (_, sum) => sum + value);
        }
    }
}
