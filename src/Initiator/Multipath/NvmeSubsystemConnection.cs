using System.Net;
using Microsoft.Extensions.Logging;

namespace Nvmf.Initiator.Multipath;

/// <summary>
/// A subsystem, and the paths by which it is reached: each is connected, connected again when it was lost, and given up when it stays lost.
/// </summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed partial class NvmeSubsystemConnection : IAsyncDisposable
{
    private readonly Func<EndPoint, CancellationToken, Task<NvmeController>> _connect;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _opening = new(1);
    private readonly List<NvmePath> _paths = [];
    private readonly Dictionary<uint, NvmeMultipathNamespace> _namespaces = [];
    private readonly HashSet<Task> _endings = [];
    // These two change under the lock, and only when the other is what it was before the newcomer was looked at: each new one of the one kind meets all of the other.
    private volatile Association[] _live = [];
    private volatile NvmeMultipathNamespace[] _opened = [];

    internal NvmeSubsystemConnection(
        NvmeMultipathOptions options, Func<EndPoint, CancellationToken, Task<NvmeController>> connect, ILoggerFactory loggerFactory, TimeProvider time)
    {
        options.Validate();
        Options = options;
        _connect = connect;
        Time = time;
        Log = new MultipathLog(loggerFactory.CreateLogger<NvmeSubsystemConnection>());
    }

    /// <summary>What was asked for.</summary>
    public NvmeMultipathOptions Options { get; }

    /// <summary>The paths, given up ones included.</summary>
    public IReadOnlyList<NvmePath> Paths
    {
        get
        {
            lock (_lock)
            {
                return [.. _paths];
            }
        }
    }

    internal TimeProvider Time { get; }

    internal MultipathLog Log { get; }

    internal ChangeSignal Changes { get; } = new();

    /// <summary>Associations that can take commands, as far as is known.</summary>
    internal Association[] Live => _live;

    /// <summary>No path is there, and none will come back by itself.</summary>
    internal bool IsHopeless
    {
        get
        {
            lock (_lock)
            {
                return _stop.IsCancellationRequested || _paths.TrueForAll(static path => path.State == NvmePathState.Removed);
            }
        }
    }

    /// <summary>Adds a path; it is connected in the background.</summary>
    /// <exception cref="ObjectDisposedException">The connection was disposed.</exception>
    public NvmePath AddPath(EndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            var path = new NvmePath(this, endPoint, _stop.Token);
            _paths.Add(path);
            return path;
        }
    }

    /// <summary>Disconnects a path in order. Its commands that are out fail over to the others.</summary>
    public async Task RemovePathAsync(NvmePath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Task ending;
        lock (_lock)
        {
            if (!_paths.Remove(path))
            {
                return;
            }

            ending = path.StopAsync();
            _endings.Add(ending);
        }

        await ending.ConfigureAwait(false);
        lock (_lock)
        {
            _endings.Remove(ending);
        }

        RaiseChanged();
    }

    /// <summary>Opens a namespace on every path, present and future.</summary>
    /// <exception cref="InvalidOperationException">It is not active.</exception>
    /// <exception cref="NotSupportedException">Its format has metadata, or blocks this library does not support.</exception>
    /// <exception cref="NvmeConnectionException">There is no path, and none will come.</exception>
    public async Task<NvmeMultipathNamespace> OpenNamespaceAsync(uint namespaceId, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var changed = Changes.Next;
            await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (_namespaces.TryGetValue(namespaceId, out var known))
                {
                    return known;
                }

                if (await TryOpenAsync(namespaceId, cancellationToken).ConfigureAwait(false) is { } opened)
                {
                    return opened;
                }
            }
            finally
            {
                _opening.Release();
            }

            if (IsHopeless)
            {
                throw NoPath($"Namespace {namespaceId} cannot be opened");
            }

            await WaitAsync(changed, Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Waits until some path is live.</summary>
    /// <exception cref="NvmeConnectionException">Every path was given up.</exception>
    public async Task WaitForPathAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var changed = Changes.Next;
            if (Array.Exists(_live, static association => association.IsUsable))
            {
                return;
            }

            if (IsHopeless)
            {
                throw NoPath($"Subsystem {Options.Connect.SubsystemNqn} cannot be reached");
            }

            await WaitAsync(changed, Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Shuts the controllers down and closes every path; commands that wait for a path fail.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        RaiseChanged();
        await Task.WhenAll(Paths.Select(static path => path.Completion)).ConfigureAwait(false);
        Task[] endings;
        lock (_lock)
        {
            endings = [.. _endings];
        }

        await Task.WhenAll(endings).ConfigureAwait(false);
    }

    internal NvmeConnectionException NoPath(string what)
    {
        var error = Paths.Select(static path => path.LastError).FirstOrDefault(static error => error is not null);
        return new NvmeConnectionException($"{what}: there is no path{(error is null ? "." : ": " + error.Message)}", error);
    }
}
