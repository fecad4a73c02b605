using System.Diagnostics.Metrics;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>The counters of one factory as instruments of the meter "Nvmf.Transport.Tcp.Relay".</summary>
internal sealed class RelayMetrics : IDisposable
{
    public const string MeterName = "Nvmf.Transport.Tcp.Relay";
    private readonly Meter _meter = new(MeterName);
    private readonly SpliceRelayFactory _factory;

    public RelayMetrics(SpliceRelayFactory factory)
    {
        _factory = factory;
        _meter.CreateObservableCounter("nvmf.relay.bytes", Bytes, "By", "Bytes handed on, by the kernel or by this process.");
        _meter.CreateObservableCounter("nvmf.relay.opened", () => factory.Statistics.Opened, "{relay}", "Relays started.");
        _meter.CreateObservableCounter("nvmf.relay.closed", Closed, "{relay}", "Relays ended.");
        _meter.CreateObservableUpDownCounter("nvmf.relay.active", () => factory.Statistics.Active, "{relay}", "Relays that have not ended.");
        _meter.CreateObservableCounter("nvmf.relay.connects_failed", () => factory.Statistics.ConnectsFailed, "{connect}", "Failed connects to an upstream.");
        _meter.CreateObservableUpDownCounter("nvmf.relay.pipes", () => factory.Statistics.PipesOpen, "{pipe}", "Kernel pipes open.");
        _meter.CreateObservableCounter("nvmf.relay.pipes.not_empty", () => factory.Statistics.PipesNotEmpty, "{pipe}", "Pipes closed because bytes were left in them.");
        _meter.CreateObservableCounter("nvmf.relay.pipes.refused", () => factory.Statistics.PipesRefused, "{pipe}", "Times a direction copied for want of a pipe.");
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Bytes()
    {
        RelayStatistics statistics = _factory.Statistics;
        yield return new(statistics.BytesSpliced, new KeyValuePair<string, object?>("way", "spliced"));
        yield return new(statistics.BytesCopied, new KeyValuePair<string, object?>("way", "copied"));
    }

    private IEnumerable<Measurement<long>> Closed() =>
        _factory.Statistics.Closed.Select(c => new Measurement<long>(c.Value, new KeyValuePair<string, object?>("cause", c.Key.ToString())));
}
