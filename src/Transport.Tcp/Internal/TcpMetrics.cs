using System.Diagnostics.Metrics;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>The counters of one transport's loops as instruments of the meter "Nvmf.Transport.Tcp".</summary>
internal sealed class TcpMetrics : IDisposable
{
    public const string MeterName = "Nvmf.Transport.Tcp";
    private static readonly string[] Reasons = ["no_buffers", "out_of_memory", "cannot_pin", "not_supported", "held_back"];
    private readonly Meter _meter = new(MeterName);
    private readonly TcpTransport _transport;

    public TcpMetrics(TcpTransport transport)
    {
        _transport = transport;
        Count("nvmf.tcp.received", "By", "Bytes received.", c => c.BytesReceived);
        _meter.CreateObservableCounter("nvmf.tcp.sent", Sent, "By", "Bytes the kernel took for sending, copied or by reference.");
        _meter.CreateObservableCounter("nvmf.tcp.zero_copy.fallback", Fallback, "By", "Bytes copied because a zero-copy send was refused.");
        Count("nvmf.tcp.zero_copy.notifications", "{notification}", "Error-queue notifications of zero-copy sends.", c => c.Notifications);
        Count("nvmf.tcp.zero_copy.kernel_copies", "{notification}", "Notifications that say the kernel copied.", c => c.NotificationsCopied);
        Count("nvmf.tcp.zero_copy.unknown", "{index}", "Notified indices that were not outstanding.", c => c.UnknownNotifications);
        Count("nvmf.tcp.zero_copy.given_up", "{connection}", "Connections that went over to copying because the kernel copied.", c => c.ZeroCopyGivenUp);
        Count("nvmf.tcp.connections.opened", "{connection}", "Connections accepted and made.", c => Volatile.Read(ref c.ConnectionsOpened));
        Count("nvmf.tcp.connections.closed", "{connection}", "Connections destroyed.", c => Volatile.Read(ref c.ConnectionsClosed));
        Count("nvmf.tcp.drain.deadlines", "{connection}", "Connections that had to be aborted because T2 passed.", c => c.DrainDeadlines);
        Count("nvmf.tcp.quarantined", "By", "Bytes never reused for want of proof.", c => c.QuarantinedBytes);
        _meter.CreateObservableGauge("nvmf.tcp.receive.blocks", ReceiveBlocks, "{block}", "Blocks received into that are in use: lent from, or filled next.");
    }

    public void Dispose() => _meter.Dispose();

    private void Count(string name, string unit, string description, Func<TcpCounters, long> value) =>
        _meter.CreateObservableCounter(name, () => Sum(value), unit, description);

    private long Sum(Func<TcpCounters, long> value)
    {
        long sum = 0;
        foreach (TcpLoop loop in _transport.Loops)
        {
            sum += value(loop.Counters);
        }

        return sum;
    }

    private long ReceiveBlocks()
    {
        long blocks = 0;
        foreach (TcpLoop loop in _transport.Loops)
        {
            blocks += loop.ReceiveBlocks.Rented;
        }

        return blocks;
    }

    private IEnumerable<Measurement<long>> Sent()
    {
        yield return new(Sum(c => c.BytesCopied + Volatile.Read(ref c.BytesSentDirectly)), new KeyValuePair<string, object?>("way", "copied"));
        yield return new(Sum(c => c.BytesZeroCopied), new KeyValuePair<string, object?>("way", "zero_copy"));
    }

    private IEnumerable<Measurement<long>> Fallback()
    {
        for (int i = 0; i < Reasons.Length; i++)
        {
            int reason = i;
            yield return new(Sum(c => c.FallbackBytes[reason]), new KeyValuePair<string, object?>("reason", Reasons[reason]));
        }
    }
}
