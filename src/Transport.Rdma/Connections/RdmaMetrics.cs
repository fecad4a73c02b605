using System.Diagnostics.Metrics;

namespace Nvmf.Transport.Rdma.Connections;

/// <summary>The counters of one transport's loops as instruments of the meter "Nvmf.Transport.Rdma". Any thread.</summary>
internal sealed class RdmaMetrics : IDisposable
{
    public const string MeterName = "Nvmf.Transport.Rdma";
    private readonly RdmaTransport _transport;

    public RdmaMetrics(RdmaTransport transport)
    {
        _transport = transport;
        Count("nvmf.rdma.completions", "{completion}", "Completions polled.", static c => c.Completions);
        Count("nvmf.rdma.completions.late", "{completion}", "Completions whose queue pair or slot was gone.", static c => c.LateCompletions);
        Count("nvmf.rdma.events.late", "{event}", "Events whose queue pair was gone, or had no use for them.", static c => c.LateEvents);
        Count("nvmf.rdma.last_work_request.events", "{event}", "Last-work-request-reached events.", static c => c.LastWorkRequestEvents);
        Count("nvmf.rdma.last_work_request.timeouts", "{queue_pair}", "Drains that went on without that event.", static c => c.LastWorkRequestTimeouts);
        Count("nvmf.rdma.flush.timeouts", "{queue_pair}", "Drains that went on before all work requests were flushed.", static c => c.FlushTimeouts);
        Count("nvmf.rdma.connections.opened", "{connection}", "Connections begun.", static c => c.ConnectionsOpened);
        Count("nvmf.rdma.connections.closed", "{connection}", "Connections ended.", static c => Volatile.Read(ref c.ConnectionsClosed));
        Count("nvmf.rdma.connections.rejected", "{connection}", "Connection requests rejected.", static c => c.Rejected);
        Count("nvmf.rdma.send.work_requests", "{work_request}", "Work requests that send queues took.", static c => c.SendWorkRequests);
        Count("nvmf.rdma.send.posts", "{call}", "Calls that handed them over.", static c => c.SendPosts);
        Count("nvmf.rdma.quarantined", "By", "Bytes never reused for want of proof.", static c => c.QuarantinedBytes);
        Gauge("nvmf.rdma.shared_receives.memory", "By", "Memory of shared receive queues.", () => Sum(static c => c.SharedReceiveBytes));
        Gauge("nvmf.rdma.shared_receives.posted", "{work_request}", "Receives that shared receive queues have.", () => Sum(static c => c.SharedReceivesPosted));
        Gauge("nvmf.rdma.memory.registered", "By", "Memory registered with adapters.", () => transport.RegisteredBytes);
    }

    public Meter Meter { get; } = new(MeterName);

    public void Dispose() => Meter.Dispose();

    private void Count(string name, string unit, string description, Func<RdmaCounters, long> value) =>
        Meter.CreateObservableCounter(name, () => Sum(value), unit, description);

    private void Gauge(string name, string unit, string description, Func<long> value) => Meter.CreateObservableGauge(name, value, unit, description);

    private long Sum(Func<RdmaCounters, long> value)
    {
        long sum = 0;
        foreach (RdmaLoop loop in _transport.Loops)
        {
            sum += value(loop.Counters);
        }

        return sum;
    }
}
