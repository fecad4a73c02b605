using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.QueuePairs;
using Nvmf.Transport.Rdma.Tests.QueuePairs;
using Nvmf.Transport.Rdma.Tests.Schedules;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests;

/// <summary>What docs/metrics.md promises of the meter "Nvmf.Transport.Rdma".</summary>
public class MetricsTests
{
    private const int Depth = 64;

    [Fact]
    public async Task Commands_and_shared_receives_are_visible()
    {
        await using TargetBench bench = await TargetBench.StartAsync(options => options.UseSharedReceiveQueue = true);
        using var probe = new Probe(bench.Factory.Transport.Metrics!.Meter);
        Assert.Equal(0, probe.Read("nvmf.rdma.shared_receives.memory"));
        (RawHost host, RdmaQueuePair queuePair, _) = await bench.ConnectAsync(configure: handler => handler.Command = handler.CompleteOne);
        using RawHost connected = host;
        Assert.Equal(Depth * (64 + 4096), probe.Read("nvmf.rdma.shared_receives.memory"));
        Assert.Equal(Depth, probe.Read("nvmf.rdma.shared_receives.posted"));
        Assert.Equal(bench.Pool.Pool.Slabs.Sum(static slab => (long)slab.Length), probe.Read("nvmf.rdma.memory.registered"));
        for (ushort i = 0; i < 4; i++)
        {
            host.Send(ScheduleRunner.Entry(HostQueuePairs.HostBench.Read, i, host.Keyed(0, 512)));
            Assert.Equal(NvmeStatus.Success, host.Receive().Status);
        }

        await bench.SettleAsync();
        Assert.Equal(8, probe.Read("nvmf.rdma.send.work_requests"));
        Assert.InRange(probe.Read("nvmf.rdma.send.posts"), 1, 4);
        Assert.Equal(8, probe.Read("nvmf.rdma.completions"));
        Assert.Equal(Depth, probe.Read("nvmf.rdma.shared_receives.posted"));
        Assert.Equal((1, 0), (probe.Read("nvmf.rdma.connections.opened"), probe.Read("nvmf.rdma.connections.closed")));
        host.Id.Disconnect();
        await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience);
        await bench.EventuallyAsync(() => probe.Read("nvmf.rdma.connections.closed") == 1, "The end was not counted.");
        host.Dispose();
        await bench.Factory.DisposeAsync().AsTask().WaitAsync(TargetBench.Patience);
        Assert.Equal((0, 0), (bench.Counters.SharedReceiveBytes, bench.Counters.SharedReceivesPosted));
    }

    [Fact]
    public async Task Events_of_the_end_are_visible()
    {
        await using TargetBench bench = await ExhaustiveTests.StartAsync(shared: true);
        using var probe = new Probe(bench.Factory.Transport.Metrics!.Meter);
        bench.Fabric.LastWorkRequestEvents = 0;
        bench.Destroyer.SetAutomatic(false);
        (RawHost host, RdmaQueuePair queuePair, _) = await bench.ConnectAsync();
        VirtualQueuePair adapterPair = ((VirtualCmId)queuePair.Connection.Id).QueuePair!;
        host.Id.Disconnect();
        await bench.EventuallyAsync(() => queuePair.Lifecycle.State == QueuePairState.Draining, "The drain did not begin.");
        Assert.Equal(0, probe.Read("nvmf.rdma.last_work_request.events"));
        bench.Machine.VirtualDevice.Emit(AsyncEventType.LastWorkRequestReached, adapterPair);
        await bench.EventuallyAsync(() => bench.Destroyer.Waiting == 1, "Nobody asked for the destruction.");
        Assert.Equal(1, probe.Read("nvmf.rdma.last_work_request.events"));
        long late = probe.Read("nvmf.rdma.events.late");
        bench.Machine.VirtualDevice.Emit(AsyncEventType.LastWorkRequestReached, adapterPair);
        await bench.EventuallyAsync(() => probe.Read("nvmf.rdma.events.late") == late + 1, "The late event was not counted.");
        Assert.Equal((2, 0), (probe.Read("nvmf.rdma.last_work_request.events"), probe.Read("nvmf.rdma.last_work_request.timeouts")));
        bench.Destroyer.SetAutomatic(true);
        await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience);
        host.Dispose();
    }

    [Fact]
    public async Task Deadlines_rejects_and_quarantine_are_visible()
    {
        await using TargetBench bench = await TargetBench.StartAsync(options =>
        {
            options.UseSharedReceiveQueue = true;
            options.LastWorkRequestTimeout = TimeSpan.FromMilliseconds(10);
            options.DrainDeadlines = new DrainDeadlines(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100));
        });
        using var probe = new Probe(bench.Factory.Transport.Metrics!.Meter);
        bench.Fabric.LastWorkRequestEvents = 0;
        using (var refused = new RawHost(bench.HostMachine))
        {
            refused.Connect(bench.Port, new byte[32]);
            refused.Expect(ConnectionEventType.Rejected);
        }

        await bench.EventuallyAsync(() => probe.Read("nvmf.rdma.connections.rejected") == 1, "The reject was not counted.");
        bench.Destroyer.SetAutomatic(false);
        (RawHost host, RdmaQueuePair queuePair, _) = await bench.ConnectAsync();
        host.Id.Disconnect();
        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience);
        Assert.Equal(1, probe.Read("nvmf.rdma.last_work_request.timeouts"));
        Assert.True(report.QuarantinedBytes > 0);
        Assert.Equal(report.QuarantinedBytes, probe.Read("nvmf.rdma.quarantined"));
        bench.Destroyer.SetAutomatic(true);
        await bench.EventuallyAsync(() => queuePair.Lifecycle.References == default, "References are left.");
        host.Dispose();
    }

    [Fact]
    public async Task Every_instrument_is_documented_with_its_unit()
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        using var probe = new Probe(bench.Factory.Transport.Metrics!.Meter);
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Transports.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        string[] page = await File.ReadAllLinesAsync(Path.Combine(folder, "docs", "metrics.md"));
        Assert.Equal(15, probe.Instruments.Count);
        Assert.All(probe.Instruments, instrument => Assert.Contains(
            page,
            line => line.Contains($"`{instrument.Name}`", StringComparison.Ordinal) && line.Contains($"| {instrument.Unit} |", StringComparison.Ordinal)));
    }

    private sealed class Probe : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, long> _values = [];

        public Probe(Meter meter)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meter)
                {
                    Instruments.Enqueue(instrument);
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _values[instrument.Name] = value);
            _listener.Start();
        }

        public ConcurrentQueue<Instrument> Instruments { get; } = [];

        public long Read(string name)
        {
            _listener.RecordObservableInstruments();
            return _values[name];
        }

        public void Dispose() => _listener.Dispose();
    }
}
