using System.Diagnostics.Metrics;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Diagnostics;

/// <summary>
/// Meter "Nvmf.Target". Commands are counted by plain fields of each queue and added up when somebody looks; what is counted here is rare.
/// </summary>
internal sealed class TargetMetrics : IDisposable
{
    private readonly NvmeTarget _target;
    private readonly Meter _meter = new("Nvmf.Target");
    private static readonly string[] AdminNames = Names(static opcode => ((AdminOpcode)opcode).ToString());
    private static readonly string[] InputOutputNames = Names(static opcode => ((InputOutputOpcode)opcode).ToString());
    private readonly Histogram<double> _durations;
    private readonly Lock _lock = new();
    private readonly Dictionary<ushort, long> _errors = [];
    private readonly Dictionary<TeardownCause, long> _teardowns = [];
    private readonly Dictionary<string, CommandTotals> _retired = [];

    public TargetMetrics(NvmeTarget target)
    {
        _target = target;
        _durations = _meter.CreateHistogram(
            "nvmf.target.command.duration", "s", "Time of commands in the target, from their arrival to their completion, by queue type and opcode.", advice: DurationBuckets);
        _meter.CreateObservableCounter("nvmf.target.commands", ObserveCommands, "{command}", "Commands received, by queue type and opcode.");
        _meter.CreateObservableCounter("nvmf.target.errors", ObserveErrors, "{command}", "Commands completed with an error, by status.");
        _meter.CreateObservableCounter("nvmf.target.read", () => ObserveBytes(static totals => totals.SectorsRead), "By", "Data read by hosts.");
        _meter.CreateObservableCounter("nvmf.target.written", () => ObserveBytes(static totals => totals.SectorsWritten), "By", "Data written by hosts.");
        _meter.CreateObservableUpDownCounter("nvmf.target.controllers", ObserveControllers, "{controller}", "Controllers, by subsystem.");
        _meter.CreateObservableUpDownCounter("nvmf.target.queue_pairs", ObserveQueuePairs, "{queue_pair}", "Queue pairs, by the stage of their life.");
        _meter.CreateObservableCounter("nvmf.target.teardowns", ObserveTeardowns, "{queue_pair}", "Queue pairs that ended, by cause.");
    }

    public void CountError(NvmeStatus status)
    {
        lock (_lock)
        {
            ushort key = WithoutFlags(status);
            _errors[key] = _errors.GetValueOrDefault(key) + 1;
        }
    }

    /// <summary>Measured only while somebody listens.</summary>
    public Instrument Durations => _durations;

    public void RecordDuration(bool isAdmin, byte opcode, TimeSpan duration) =>
        _durations.Record(
            duration.TotalSeconds,
            new KeyValuePair<string, object?>("queue", isAdmin ? "admin" : "io"),
            new KeyValuePair<string, object?>("opcode", (isAdmin ? AdminNames : InputOutputNames)[opcode]));

    /// <summary>A queue pair is gone: its counts are kept. The caller removes it from the target's queues under the target's lock.</summary>
    public void Retire(TargetQueue queue, TeardownCause cause)
    {
        lock (_lock)
        {
            _teardowns[cause] = _teardowns.GetValueOrDefault(cause) + 1;
            string nqn = queue.Controller?.SubsystemNqn ?? "";
            if (!_retired.TryGetValue(nqn, out CommandTotals? totals))
            {
                _retired.Add(nqn, totals = new CommandTotals());
            }

            totals.Add(queue);
        }
    }

    public SubsystemTraffic TrafficOf(string nqn)
    {
        CommandTotals totals = Total(nqn);
        return new SubsystemTraffic(
            (ulong)totals.SectorsRead,
            (ulong)totals.SectorsWritten,
            (ulong)(totals.InputOutput((byte)InputOutputOpcode.Read) + totals.InputOutput((byte)InputOutputOpcode.Compare)),
            (ulong)totals.InputOutput((byte)InputOutputOpcode.Write));
    }

    public void Dispose() => _meter.Dispose();

    // From a null disk to a back end at its deadline.
    private static readonly InstrumentAdvice<double> DurationBuckets = new()
    {
        HistogramBucketBoundaries = [5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    };

    private static string[] Names(Func<byte, string> name) => [.. Enumerable.Range(0, 256).Select(opcode => name((byte)opcode))];

    private static ushort WithoutFlags(NvmeStatus status) => (ushort)(status.Value & 0x7FF);

    // Live queues and retired ones under both locks: no queue is counted twice, or not at all.
    private CommandTotals Total(string? nqn) => _target.WithQueues(queues =>
    {
        var totals = new CommandTotals();
        foreach (TargetQueue queue in queues)
        {
            if (nqn == null || queue.Controller?.SubsystemNqn == nqn)
            {
                totals.Add(queue);
            }
        }

        lock (_lock)
        {
            foreach ((string retiredNqn, CommandTotals retired) in _retired)
            {
                if (nqn == null || retiredNqn == nqn)
                {
                    totals.Add(retired);
                }
            }
        }

        return totals;
    });

    private IEnumerable<Measurement<long>> ObserveCommands()
    {
        CommandTotals totals = Total(null);
        for (int opcode = 0; opcode < 256; opcode++)
        {
            if (totals.Admin((byte)opcode) is > 0 and long admin)
            {
                yield return new Measurement<long>(admin, new("queue", "admin"), new("opcode", AdminNames[opcode]));
            }

            if (totals.InputOutput((byte)opcode) is > 0 and long io)
            {
                yield return new Measurement<long>(io, new("queue", "io"), new("opcode", InputOutputNames[opcode]));
            }
        }
    }

    private IEnumerable<Measurement<long>> ObserveErrors()
    {
        lock (_lock)
        {
            return [.. _errors.Select(static error => new Measurement<long>(error.Value, new KeyValuePair<string, object?>("status", new NvmeStatus(error.Key).ToString())))];
        }
    }

    /// <summary>Every stage, those without queue pairs too: a stage that falls back to none must be seen to.</summary>
    private IEnumerable<Measurement<long>> ObserveQueuePairs()
    {
        var counts = new long[Enum.GetValues<QueuePairState>().Length];
        foreach (TargetQueue queue in _target.Queues())
        {
            counts[(int)queue.QueuePair.Lifecycle.State]++;
        }

        return counts.Select(static (count, state) => new Measurement<long>(count, new KeyValuePair<string, object?>("state", ((QueuePairState)state).ToString())));
    }

    private IEnumerable<Measurement<long>> ObserveTeardowns()
    {
        lock (_lock)
        {
            return [.. _teardowns.Select(static teardown => new Measurement<long>(teardown.Value, new KeyValuePair<string, object?>("cause", teardown.Key.ToString())))];
        }
    }

    private IEnumerable<Measurement<long>> ObserveControllers() =>
        [.. _target.AllControllers()
            .GroupBy(static controller => controller.SubsystemNqn)
            .Select(static group => new Measurement<long>(group.Count(), new KeyValuePair<string, object?>("subsystem", group.Key)))];

    private long ObserveBytes(Func<CommandTotals, long> sectors) => sectors(Total(null)) * 512;
}
