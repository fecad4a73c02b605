using Nvmf.Abstractions.Lifecycle;
using Nvmf.Hosting.Relay;
using Nvmf.Transport.Tcp.Relay;

namespace RelayHost.Control;

internal static class MessageConversions
{
    public static ListenerMessage ToMessage(this NvmeRelayInfo relay) => new(
        relay.Address.ToString(),
        relay.Connections,
        relay.Accepting,
        relay.Removing,
        [.. relay.Upstreams.Select(u => new UpstreamMessage($"{u.EndPoint}", u.IsHealthy, u.LastError, u.Connects, u.Failures))]);

    public static StatusMessage ToStatus(this INvmeRelayControl control)
    {
        RelayStatistics statistics = control.Statistics;
        return new StatusMessage(
            [.. control.Relays.Select(ToMessage)],
            statistics.Active,
            statistics.Opened,
            statistics.Closed.ToDictionary(c => c.Key.ToString(), c => c.Value),
            statistics.BytesSpliced,
            statistics.BytesCopied,
            statistics.ConnectsFailed,
            new PipesMessage(statistics.PipesOpen, statistics.PipesPooled, statistics.PipesNotEmpty, statistics.PipesRefused));
    }

    public static DrainedMessage ToMessage(this IReadOnlyList<DrainReport> reports) => new([.. reports.Select(r => new DrainReportMessage(
        r.QueuePairId,
        r.Cause.ToString(),
        [.. r.LaterCauses.Select(c => c.ToString())],
        r.Error?.Message,
        r.LastStage.ToString(),
        r.DrainedBytes,
        r.AbortedBytes,
        r.Elapsed.TotalMilliseconds))]);
}
