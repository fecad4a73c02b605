using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Hosting.Relay;
using Nvmf.Transport.Tcp.Relay;

namespace Nvmf.Hosting.Internal;

/// <summary>A bound listener, its accept loop and the relays of what it accepted.</summary>
/// <remarks>
/// <code>
/// Accepting ──RemoveAsync──► unbound ──► accept loop ended ──► connects given up, relays closing ──► all ended, disposed
/// </code>
/// </remarks>
internal sealed class RelayListener : IDisposable
{
    private static readonly TimeSpan AcceptRetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AcceptLoopDeadline = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly HashSet<SpliceRelay> _relays = [];
    private readonly HashSet<Task> _connections = [];
    private readonly List<DrainReport> _reports = [];
    private readonly IConnectionListener _listener;
    private readonly RelayRuntime _runtime;
    private readonly RelayUpstreams _upstreams;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _removing = new();
    private readonly Task _accepting;
    private readonly Task _monitoring;
    private TeardownCause _cause = TeardownCause.ListenerRemoved;
    private Task<IReadOnlyList<DrainReport>>? _removal;

    public RelayListener(FabricsAddress requested, IConnectionListener listener, RelayUpstreams upstreams, RelayRuntime runtime, ILogger logger)
    {
        Requested = requested;
        Address = FabricsAddress.FromEndPoint(listener.EndPoint);
        _listener = listener;
        _upstreams = upstreams;
        _runtime = runtime;
        _logger = logger;
        _accepting = Task.Run(AcceptAllAsync);
        _monitoring = upstreams.MonitorAsync(RelayRuntime.HealthInterval, _removing.Token);
    }

    /// <summary>The address as it was asked for.</summary>
    public FabricsAddress Requested { get; }

    /// <summary>The bound address.</summary>
    public FabricsAddress Address { get; }

    public NvmeRelayInfo Info
    {
        get
        {
            lock (_lock)
            {
                return new NvmeRelayInfo(Address, _upstreams.All, _connections.Count, !_accepting.IsCompleted && _removal is null, _removal is not null);
            }
        }
    }

    /// <summary>Removes the listener; later calls get the task of the first.</summary>
    public Task<IReadOnlyList<DrainReport>> RemoveAsync(TeardownCause cause)
    {
        lock (_lock)
        {
            _cause = _removal is null ? cause : _cause;
            return _removal ??= Task.Run(RemoveCoreAsync);
        }
    }

    /// <summary>Resets what is left.</summary>
    /// <returns>How many there were.</returns>
    public int AbortRelays()
    {
        SpliceRelay[] relays = Snapshot();
        foreach (SpliceRelay relay in relays)
        {
            relay.Lifecycle.Abort();
        }

        return relays.Length;
    }

    /// <summary>After the removal.</summary>
    public void Dispose() => _removing.Dispose();

    private async Task<IReadOnlyList<DrainReport>> RemoveCoreAsync()
    {
        await _removing.CancelAsync().ConfigureAwait(false);
        try
        {
            await _listener.UnbindAsync().ConfigureAwait(false);
            await _accepting.WaitAsync(AcceptLoopDeadline).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            HostingLog.UnbindFailed(_logger, Address, error);
        }

        foreach (SpliceRelay relay in Snapshot())
        {
            relay.Close(_cause);
        }

        Task[] connections;
        lock (_lock)
        {
            connections = [.. _connections];
        }

        await Task.WhenAll(connections).ConfigureAwait(false);
        await _monitoring.ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        HostingLog.RelayRemoved(_logger, Address, _reports.Count);
        return _reports;
    }

    private SpliceRelay[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _relays];
        }
    }

    private async Task AcceptAllAsync()
    {
        while (true)
        {
            try
            {
                if (await _listener.AcceptAsync().ConfigureAwait(false) is not { } connection)
                {
                    return;
                }

                Keep(connection);
            }
            catch (Exception error)
            {
                if (_removing.IsCancellationRequested)
                {
                    return;
                }

                HostingLog.AcceptFailed(_logger, Address, error);
                await Task.Delay(AcceptRetryDelay, _removing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Keep(ConnectionContext connection)
    {
        Task relaying = RelayAsync(connection);
        lock (_lock)
        {
            _connections.Add(relaying);
        }

        _ = ForgetAtEndAsync(relaying);
    }

    private async Task ForgetAtEndAsync(Task relaying)
    {
        await relaying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            _connections.Remove(relaying);
        }
    }

    private async Task RelayAsync(ConnectionContext connection)
    {
        try
        {
            if (await _runtime.Factory.ForwardAsync(connection, _upstreams, cancellationToken: _removing.Token).ConfigureAwait(false) is { } relay)
            {
                await FollowAsync(relay).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            connection.Abort(new ConnectionAbortedException("The listener was removed."));
        }
        catch (Exception error)
        {
            HostingLog.RelayNotStarted(_logger, connection.ConnectionId, error);
            connection.Abort(new ConnectionAbortedException("The relay could not be started.", error));
        }

        await connection.DisposeAsync().ConfigureAwait(false);
    }

    private async Task FollowAsync(SpliceRelay relay)
    {
        lock (_lock)
        {
            _relays.Add(relay);
        }

        // The removal took its snapshot before this one was there.
        if (_removing.IsCancellationRequested)
        {
            relay.Close(_cause);
        }

        DrainReport report = await relay.Completion.ConfigureAwait(false);
        _runtime.Ends.Record(report);
        lock (_lock)
        {
            _relays.Remove(relay);
            if (_removal is not null)
            {
                _reports.Add(report);
            }
        }
    }
}
