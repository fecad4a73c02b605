using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Transport.Tcp.Internal;
using Nvmf.Transport.Tcp.Relay.Internal;

namespace Nvmf.Transport.Tcp.Relay;

/// <summary>
/// Makes relays. Bytes between two connections of <see cref="TcpTransportFactory"/> go through the kernel, without being copied to this process; all others
/// (TLS, Kestrel's Sockets transport, other systems than Linux) are copied.
/// </summary>
/// <remarks>All members may be called from any thread. Dispose it before the transport that its connections come from.</remarks>
public sealed class SpliceRelayFactory : IAsyncDisposable
{
    private static long _lastId;
    private readonly ConcurrentDictionary<TcpLoop, RelayLoop> _loops = new();
    private readonly ConcurrentDictionary<SpliceRelay, bool> _relays = new();
    private readonly RelayMetrics _metrics;
    private readonly ILogger _logger;
    private volatile bool _disposed;

    /// <summary>Makes the factory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public SpliceRelayFactory(IOptions<RelayOptions> options, ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        Options = options.Value;
        Options.Validate();
        _logger = loggerFactory.CreateLogger<SpliceRelayFactory>();
        _metrics = new RelayMetrics(this);
    }

    /// <summary>Relays that have not ended.</summary>
    public IReadOnlyCollection<SpliceRelay> Relays => (IReadOnlyCollection<SpliceRelay>)_relays.Keys;

    /// <summary>Counts since the factory was made.</summary>
    public RelayStatistics Statistics => RelayStatistics.Sum(AllCounters, _relays.Count, _loops.Values.Sum(l => l.Pipes.Pooled));

    internal RelayOptions Options { get; }

    /// <summary>Of relays without a loop; changed by interlocked operations.</summary>
    internal RelayCounters CopyingCounters { get; } = new();

    internal IEnumerable<RelayCounters> AllCounters => _loops.Values.Select(l => l.Counters).Append(CopyingCounters);

    /// <summary>Tests put a broken pool here.</summary>
    internal Func<RelayOptions, RelayCounters, SplicePipePool> PoolMaker { get; set; } = static (options, counters) => new SplicePipePool(options, counters);

    /// <summary>
    /// Connects to one of <paramref name="upstreams"/> in turn, to the next where that fails, and relays. Where none can be reached <paramref name="downstream"/> is
    /// aborted. The caller disposes <paramref name="downstream"/>, after the relay has ended.
    /// </summary>
    /// <param name="downstream">A connection that nobody uses any more; bytes left in its pipe are sent first.</param>
    /// <param name="upstreams">Where to.</param>
    /// <param name="firstBytes">What was taken from <paramref name="downstream"/> already, to be sent before anything else.</param>
    /// <param name="cancellationToken">Ends the attempt; not the relay.</param>
    /// <returns>Null when no upstream could be reached.</returns>
    /// <exception cref="IOException"><paramref name="downstream"/> ended.</exception>
    public async Task<SpliceRelay?> ForwardAsync(
        ConnectionContext downstream, RelayUpstreams upstreams, ReadOnlyMemory<byte> firstBytes = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(downstream);
        ArgumentNullException.ThrowIfNull(upstreams);
        ObjectDisposedException.ThrowIf(_disposed, this);
        foreach (RelayUpstream upstream in upstreams.Candidates())
        {
            if (await TryForwardAsync(downstream, upstream, firstBytes, cancellationToken).ConfigureAwait(false) is { } relay)
            {
                return relay;
            }
        }

        downstream.Abort(new ConnectionAbortedException("No upstream could be reached."));
        return null;
    }

    /// <summary>Ends all relays, within their deadlines, then closes the pipes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        foreach (SpliceRelay relay in Relays)
        {
            relay.Close(TeardownCause.ProcessStop);
        }

        await Task.WhenAll(Relays.Select(r => r.Completion)).ConfigureAwait(false);
        foreach (RelayLoop loop in _loops.Values)
        {
            await LoopAction.RunAsync(loop.Thread, loop.Close).ConfigureAwait(false);
        }

        _metrics.Dispose();
    }

    internal void Remove(SpliceRelay relay)
    {
        _relays.TryRemove(relay, out _);
        Interlocked.Increment(ref CopyingCounters.Closed[(int)relay.Lifecycle.Cause]);
        RelayLog.Ended(_logger, relay.Id, relay.Lifecycle.Cause, relay.BytesUpstream, relay.BytesDownstream);
    }

    private async Task<SpliceRelay?> TryForwardAsync(
        ConnectionContext downstream, RelayUpstream upstream, ReadOnlyMemory<byte> firstBytes, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Options.ConnectTimeout);
        TcpConnection? near = FindSocket(downstream);
        TcpConnection? far = null;
        SocketCarrier? carrier = null;
        try
        {
            if (near is not null)
            {
                far = await ConnectAsync(near, upstream.EndPoint, timeout.Token).ConfigureAwait(false);
            }
            else
            {
                carrier = await SocketCarrier.ConnectAsync(upstream.EndPoint, timeout.Token).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is SocketException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string reason = error is OperationCanceledException ? $"no answer within {Options.ConnectTimeout.TotalSeconds:0.#} s" : error.Message;
            Interlocked.Increment(ref CopyingCounters.ConnectsFailed);
            if (upstream.IsHealthy)
            {
                RelayLog.UpstreamDown(_logger, upstream.EndPoint, reason);
            }

            upstream.OnFailed(reason);
            return null;
        }

        if (!upstream.IsHealthy)
        {
            RelayLog.UpstreamUp(_logger, upstream.EndPoint);
        }

        upstream.OnConnected(isProbe: false);
        return near is null
            ? StartCopying(new ContextCarrier(downstream), carrier!, firstBytes)
            : await StartOnLoopAsync(near, far!, firstBytes).ConfigureAwait(false);
    }

    /// <summary>The connection whose socket may be spliced; null when somebody put something in front of it, or it is of another transport.</summary>
    private static TcpConnection? FindSocket(ConnectionContext connection) =>
        connection.Features.Get<IOwnedMemoryConnectionFeature>() is TcpConnection { IsTransportReplaced: false } found ? found : null;

    private static async Task<TcpConnection> ConnectAsync(TcpConnection near, EndPoint endPoint, CancellationToken cancellationToken)
    {
        if (endPoint is IPEndPoint address)
        {
            return await near.ConnectSiblingAsync(address, cancellationToken).ConfigureAwait(false);
        }

        var name = (DnsEndPoint)endPoint;
        IPAddress[] addresses = await Dns.GetHostAddressesAsync(name.Host, name.AddressFamily, cancellationToken).ConfigureAwait(false);
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound, $"{name.Host} has no address.");
        }

        for (int i = 0; ; i++)
        {
            try
            {
                return await near.ConnectSiblingAsync(new IPEndPoint(addresses[i], name.Port), cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException) when (i + 1 < addresses.Length)
            {
                // The next address may answer.
            }
        }
    }

    private async Task<SpliceRelay> StartOnLoopAsync(TcpConnection near, TcpConnection far, ReadOnlyMemory<byte> firstBytes)
    {
        try
        {
            byte[] left = await TakePipeAsync(near).ConfigureAwait(false);
            if (left.Length > 0)
            {
                firstBytes = (byte[])[.. firstBytes.Span, .. left];
            }
        }
        catch
        {
            far.Abort();
            throw;
        }

        RelayLoop loop = _loops.GetOrAdd(near.Loop, MakeLoop);
        var relay = new LoopRelay(NextId(), this, loop, near, far, firstBytes);
        Keep(relay);
        relay.Start();
        return relay;
    }

    /// <summary>What somebody received and did not consume.</summary>
    private static async Task<byte[]> TakePipeAsync(TcpConnection connection)
    {
        if (!connection.HasPipe)
        {
            return [];
        }

        await connection.DetachPipeAsync().ConfigureAwait(false);
        PipeReader reader = connection.Transport.Input;
        while (true)
        {
            ReadResult result = await reader.ReadAsync().ConfigureAwait(false);
            if (!result.IsCompleted)
            {
                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                continue;
            }

            byte[] left = result.Buffer.ToArray();
            reader.AdvanceTo(result.Buffer.End);
            await reader.CompleteAsync().ConfigureAwait(false);
            return left;
        }
    }

    private CopyingRelay StartCopying(RelayCarrier downstream, RelayCarrier upstream, ReadOnlyMemory<byte> firstBytes)
    {
        var relay = new CopyingRelay(NextId(), this, downstream, upstream, firstBytes);
        Keep(relay);
        relay.Start();
        return relay;
    }

    private RelayLoop MakeLoop(TcpLoop loop)
    {
        var counters = new RelayCounters();
        return new RelayLoop(Options, loop, counters, PoolMaker(Options, counters));
    }

    private static string NextId() => $"relay-{Interlocked.Increment(ref _lastId)}";

    private void Keep(SpliceRelay relay)
    {
        _relays.TryAdd(relay, true);
        RelayLog.Started(_logger, relay.Id, relay.Downstream, relay.Upstream, relay.IsSplicing);

        // Disposal has looked at the relays before this one was there.
        if (_disposed)
        {
            relay.Close(TeardownCause.ProcessStop);
        }
    }
}
