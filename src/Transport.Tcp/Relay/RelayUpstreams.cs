using System.Net;
using Nvmf.Transport.Tcp.Relay.Internal;

namespace Nvmf.Transport.Tcp.Relay;

/// <summary>Upstreams that take turns; those that cannot be reached are asked last.</summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed class RelayUpstreams
{
    private readonly RelayUpstream[] _all;
    private uint _next;

    /// <summary>Makes the set.</summary>
    /// <exception cref="ArgumentException">There is none, or one is neither an IP end point nor a host name with port.</exception>
    public RelayUpstreams(IEnumerable<EndPoint> endPoints)
    {
        ArgumentNullException.ThrowIfNull(endPoints);
        _all = [.. endPoints.Select(e => e is IPEndPoint or DnsEndPoint
            ? new RelayUpstream(e)
            : throw new ArgumentException($"'{e}' is neither an IP end point nor a host name.", nameof(endPoints)))];
        if (_all.Length == 0)
        {
            throw new ArgumentException("There is no upstream.", nameof(endPoints));
        }
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<RelayUpstream> All => _all;

    /// <summary>Tries again, every <paramref name="interval"/>, to connect to those that are not healthy, until cancelled. Healthy ones are left alone.</summary>
    public async Task MonitorAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                await Task.WhenAll(_all.Where(u => !u.IsHealthy).Select(u => ProbeAsync(u, interval, cancellationToken))).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>The order in which to try for one connection: from the next in turn, healthy ones first.</summary>
    internal IEnumerable<RelayUpstream> Candidates()
    {
        uint first = Interlocked.Increment(ref _next) - 1;
        RelayUpstream[] turn = [.. Enumerable.Range(0, _all.Length).Select(i => _all[(first + (uint)i) % (uint)_all.Length])];
        return turn.OrderBy(u => u.IsHealthy ? 0 : 1);
    }

    private static async Task ProbeAsync(RelayUpstream upstream, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(limit);
        try
        {
            SocketCarrier carrier = await SocketCarrier.ConnectAsync(upstream.EndPoint, timeout.Token).ConfigureAwait(false);
            await carrier.CloseAsync().ConfigureAwait(false);
            upstream.OnConnected(isProbe: true);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            upstream.OnFailed(error is OperationCanceledException ? $"no answer within {limit.TotalSeconds:0.#} s" : error.Message);
        }
    }
}
