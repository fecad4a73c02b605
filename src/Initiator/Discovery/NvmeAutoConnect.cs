using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Nvmf.Initiator.Multipath;

namespace Nvmf.Initiator.Discovery;

/// <summary>
/// Keeps a host connected to what discovery controllers list: paths are connected when they appear in a log and disconnected, in order, when they have vanished from all of them.
/// </summary>
/// <remarks>
/// <para>
/// Discovery controllers are watched by persistent connections, the ones they refer to as well. When one of them cannot be reached, what it said last holds. A subsystem that has lost
/// its last entry stays open without paths, so its commands fail, until it is listed again.
/// </para>
/// <para>Works from construction on. All members may be called from any thread.</para>
/// </remarks>
public sealed partial class NvmeAutoConnect : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ChangeSignal _logsChanged = new();
    private readonly ChangeSignal _subsystemsChanged = new();
    private readonly Dictionary<NvmeDiscoveredPath, DiscoveryWatcher> _watchers = [];
    private readonly Dictionary<string, AutoConnectedSubsystem> _subsystems = [];
    private readonly List<Task> _endings = [];
    private readonly Task _running;
    private int _disposed;

    /// <summary>Begins to look and to connect.</summary>
    /// <param name="host">Not disposed with this; must outlive it.</param>
    /// <param name="options">Where and what.</param>
    /// <param name="loggerFactory">Logging; none when null.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="NotSupportedException">No transport of the host reaches one of the discovery controllers.</exception>
    public NvmeAutoConnect(NvmeHost host, NvmeAutoConnectOptions options, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        foreach (var endPoint in options.DiscoveryControllers)
        {
            host.FindConnector(endPoint);
        }

        Host = host;
        Options = options;
        Log = new DiscoveryEventLog((loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<NvmeAutoConnect>());
        _running = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>What was asked for.</summary>
    public NvmeAutoConnectOptions Options { get; }

    /// <summary>The subsystems that are, or were, listed. They belong to this object: do not dispose them.</summary>
    public IReadOnlyCollection<NvmeSubsystemConnection> Subsystems
    {
        get
        {
            lock (_lock)
            {
                return [.. _subsystems.Values.Select(static subsystem => subsystem.Connection)];
            }
        }
    }

    internal NvmeHost Host { get; }

    internal DiscoveryEventLog Log { get; }

    internal TimeProvider Time { get; } = TimeProvider.System;

    /// <summary>Waits until a subsystem is listed. Its first path may still be being connected: see <see cref="NvmeSubsystemConnection.WaitForPathAsync"/>.</summary>
    /// <returns>Belongs to this object: do not dispose it.</returns>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public async Task<NvmeSubsystemConnection> GetSubsystemAsync(string nqn, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(nqn);
        while (true)
        {
            var changed = _subsystemsChanged.Next;
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            lock (_lock)
            {
                if (_subsystems.TryGetValue(nqn, out var subsystem))
                {
                    return subsystem.Connection;
                }
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Shuts every controller down and closes every path. Ends within the deadlines of <see cref="NvmeController.DisposeAsync"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            _subsystemsChanged.Raise();
        }

        await _running.ConfigureAwait(false);
    }

    internal void RaiseChanged() => _logsChanged.Raise();

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var changed = _logsChanged.Next;
            var next = Options.RefreshInterval;
            try
            {
                next = await ReconcileAsync().ConfigureAwait(false);
            }
#pragma warning disable CA1031 // The next change gets another chance.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.ReconcileFailed(e);
            }

            await changed.WaitAsync(next, Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(_watchers.Values.Select(static watcher => watcher.DisposeAsync().AsTask())).ConfigureAwait(false);
        await Task.WhenAll(_subsystems.Values.Select(static subsystem => subsystem.Connection.DisposeAsync().AsTask())).ConfigureAwait(false);
        await Task.WhenAll(_endings).ConfigureAwait(false);
    }
}
