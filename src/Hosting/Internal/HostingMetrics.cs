using System.Diagnostics.Metrics;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Hosting.Internal;

/// <summary>The meter <c>Nvmf.Hosting</c>: buffer memory and how queue pairs ended. Names and units are in docs/metrics.md.</summary>
internal sealed class HostingMetrics
{
    public const string MeterName = "Nvmf.Hosting";

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _deadlines;
    private readonly Counter<long> _abandoned;

    public HostingMetrics(IMeterFactory meters, BufferPool pool)
    {
        Meter meter = meters.Create(MeterName);
        _duration = meter.CreateHistogram<double>("nvmf.drain.duration", "s", "Time from the cause of a queue pair's end to the end.");
        _bytes = meter.CreateCounter<long>("nvmf.drain.bytes", "By", "Bytes in flight at the end of queue pairs, by what became of them.");
        _deadlines = meter.CreateCounter<long>("nvmf.drain.deadlines", "{queue_pair}", "Stages of ending queue pairs that ran into their deadline.");
        _abandoned = meter.CreateCounter<long>("nvmf.drain.abandoned_commands", "{command}", "Commands that the back end had not answered when their queue pair was gone.");
        meter.CreateObservableUpDownCounter("nvmf.buffers.leases", () => pool.Statistics.RentedBlocks, "{lease}", "Blocks of buffer memory with at least one reference.");
        meter.CreateObservableUpDownCounter("nvmf.buffers.allocated", () => pool.Statistics.AllocatedBytes, "By", "Buffer memory allocated.");
        meter.CreateObservableUpDownCounter("nvmf.buffers.rented", () => pool.Statistics.RentedBytes, "By", "Buffer memory in use.");
        meter.CreateObservableUpDownCounter(
            "nvmf.buffers.quarantined", () => pool.Statistics.QuarantinedBytes, "By", "Buffer memory never used again, because nothing proved that it is free.");
        meter.CreateObservableUpDownCounter("nvmf.buffers.waiters", () => pool.Statistics.Waiters, "{request}", "Requests waiting for buffer memory.");
        meter.CreateObservableCounter(
            "nvmf.buffers.poison_violations", () => pool.Statistics.PoisonViolations, "{block}", "Blocks found written to after their release (poisoning only).");
    }

    public void Record(DrainReport report)
    {
        var cause = new KeyValuePair<string, object?>("cause", report.Cause.ToString());
        _duration.Record(report.Elapsed.TotalSeconds, cause, new KeyValuePair<string, object?>("stage", report.LastStage.ToString()));
        Count(report.DrainedBytes, "drained");
        Count(report.AbortedBytes, "aborted");
        Count(report.QuarantinedBytes, "quarantined");
        CountDeadline(report, DrainStages.Commands, "commands");
        CountDeadline(report, DrainStages.Transmissions, "transmissions");
        CountDeadline(report, DrainStages.Abort, "abort");
        if (report.AbandonedCommands > 0)
        {
            _abandoned.Add(report.AbandonedCommands, cause);
        }
    }

    private void CountDeadline(DrainReport report, DrainStages deadline, string name)
    {
        if ((report.PassedDeadlines & deadline) != 0)
        {
            _deadlines.Add(1, new KeyValuePair<string, object?>("deadline", name));
        }
    }

    private void Count(long bytes, string outcome)
    {
        if (bytes > 0)
        {
            _bytes.Add(bytes, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }
}
