using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Hosting.Relay;
using Nvmf.Transport.Tcp.Relay;

namespace Nvmf.Hosting.Internal;

/// <summary>The relays of one host. Any thread.</summary>
internal sealed class RelayRuntime(
    IOptions<NvmeTransportOptions> options,
    IOptions<RelayOptions> relayOptions,
    TcpEngine engine,
    QueuePairEnds ends,
    ILoggerFactory loggers) : INvmeRelayControl, IDisposable, IAsyncDisposable
{
    /// <summary>How often an upstream that could not be reached is tried again.</summary>
    public static readonly TimeSpan HealthInterval = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = loggers.CreateLogger(HostingLog.Category);
    private readonly Lock _lock = new();
    private readonly List<RelayListener> _listeners = [];
    private bool _stopping;

    public SpliceRelayFactory Factory { get; } = new(WithDeadlines(relayOptions, options.Value), loggers);

    public QueuePairEnds Ends => ends;

    public IReadOnlyList<NvmeRelayInfo> Relays => [.. Snapshot().Select(l => l.Info)];

    public RelayStatistics Statistics => Factory.Statistics;

    public async Task ListenAsync(CancellationToken cancellationToken)
    {
        foreach (NvmeRelayOptions relay in options.Value.Relays)
        {
            await AddAsync(relay.Listen, relay.Upstreams, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<NvmeRelayInfo> AddAsync(string from, IEnumerable<string> to, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        RelayUpstreams upstreams = RelayAddresses.ToUpstreams(to);
        if (RelayAddresses.Describe(from, isUpstream: false) is { } error)
        {
            throw new NvmeTargetException(NvmeTargetError.Invalid, error);
        }

        FabricsAddress address = FabricsAddress.Parse(from);
        var bound = await BindAsync(address, cancellationToken).ConfigureAwait(false);
        RelayListener listener;
        lock (_lock)
        {
            listener = new RelayListener(address, bound, upstreams, this, _logger);
            _listeners.Add(listener);
        }

        HostingLog.RelayAdded(_logger, listener.Address, string.Join(", ", upstreams.All.Select(u => u.EndPoint)));
        if (_stopping)
        {
            await RemoveAsync(listener, TeardownCause.ProcessStop).ConfigureAwait(false);
            throw new NvmeTargetException(NvmeTargetError.Unavailable, $"Cannot listen on {address}: the host is stopping.");
        }

        return listener.Info;
    }

    public async Task<IReadOnlyList<DrainReport>> RemoveAsync(string from, CancellationToken cancellationToken = default)
    {
        if (RelayAddresses.Describe(from, isUpstream: false) is { } error)
        {
            throw new NvmeTargetException(NvmeTargetError.Invalid, error);
        }

        FabricsAddress address = FabricsAddress.Parse(from);
        RelayListener[] listeners = Snapshot();
        RelayListener listener = Array.Find(listeners, l => l.Address.Equals(address)) ?? Array.Find(listeners, l => l.Requested.Equals(address))
            ?? throw new NvmeTargetException(NvmeTargetError.NotFound, $"There is no listener {address}.");
        return await RemoveAsync(listener, TeardownCause.ListenerRemoved).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Drains every relay; resets those that are left shortly before <paramref name="limit"/>.</summary>
    public async Task DrainAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        _stopping = true;
        Task draining = Task.WhenAll(Snapshot().Select(l => RemoveAsync(l, TeardownCause.ProcessStop)));
        try
        {
            await draining.WaitAsync(ShutdownTime.GracefulPart(limit), cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            HostingLog.StopAborting(_logger, Snapshot().Sum(l => l.AbortRelays()));
            await draining.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (OperationCanceledException)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Only a failed start still has listeners here.
        foreach (RelayListener listener in Snapshot())
        {
            await RemoveAsync(listener, TeardownCause.ProcessStop).ConfigureAwait(false);
        }

        await Factory.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>For service providers that are disposed synchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static IOptions<RelayOptions> WithDeadlines(IOptions<RelayOptions> relayOptions, NvmeTransportOptions options)
    {
        relayOptions.Value.DrainDeadlines = options.Deadlines.ToDrainDeadlines();
        return relayOptions;
    }

    private RelayListener[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _listeners];
        }
    }

    private async Task<Microsoft.AspNetCore.Connections.IConnectionListener> BindAsync(FabricsAddress address, CancellationToken cancellationToken)
    {
        try
        {
            EndPoint endPoint = await address.ResolveAsync(cancellationToken).ConfigureAwait(false);
            return await engine.Connections.BindAsync(endPoint, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw BindFailure.ToException(address, error);
        }
    }

    private async Task<IReadOnlyList<DrainReport>> RemoveAsync(RelayListener listener, TeardownCause cause)
    {
        try
        {
            return await listener.RemoveAsync(cause).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _listeners.Remove(listener);
            }

            listener.Dispose();
        }
    }
}
