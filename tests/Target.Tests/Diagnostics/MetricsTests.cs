using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Diagnostics;

public class MetricsTests
{
    [Fact]
    public async Task Commands_errors_and_teardowns_are_counted()
    {
        // Other targets live in this process at the same time: the subsystem tells ours apart where there is one, and elsewhere numbers are lower bounds.
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        for (int i = 0; i < 10; i++)
        {
            await host.IoAsync(io, Commands.Read(0, 8));
        }

        await host.IoAsync(io, Commands.Read(1 << 20, 1));
        io.Close(TeardownCause.HostClosed);
        await io.Closed;
        await TestTimeouts.UntilAsync(() => target.Target.QueuePairs.Count == 1, "the I/O queue pair forgotten");

        ConcurrentDictionary<string, long> values = Observe();
        Assert.True(values["nvmf.target.commands io Read"] >= 11);
        Assert.True(values["nvmf.target.commands admin Fabrics"] >= 3);
        Assert.True(values["nvmf.target.read"] >= 10 * 4096);
        Assert.True(values["nvmf.target.teardowns HostClosed"] >= 1);
        Assert.Contains(values, value => value.Key.StartsWith("nvmf.target.errors", StringComparison.Ordinal) && value.Key.Contains("80h", StringComparison.Ordinal));
        Assert.True(values[$"nvmf.target.controllers {TestTarget.SubsystemNqn}"] >= 1);
        Assert.True(values["nvmf.target.queue_pairs Live"] >= 1);
        Assert.Contains("nvmf.target.queue_pairs Draining", values.Keys);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Durations_are_measured_while_somebody_listens(bool listens)
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync();
        var durations = new ConcurrentQueue<double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument is Histogram<double> { Name: "nvmf.target.command.duration" })
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => durations.Enqueue(tags.Length == 2 && tags[1].Value is "Read" ? value : -1));
        if (listens)
        {
            listener.Start();
        }

        HostRequest read = host.Send(io, Commands.Read(0, 1));
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the read at the back end");
        target.Advance(TimeSpan.FromSeconds(2.5));
        backend.Release();
        await read.AnswerAsync();
        Assert.Equal(listens, durations.Contains(2.5));
    }

    private static ConcurrentDictionary<string, long> Observe()
    {
        var values = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "Nvmf.Target")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>(Add);
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, state) => Add(instrument, value, tags, state));
        listener.Start();
        listener.RecordObservableInstruments();
        return values;

        void Add(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
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
