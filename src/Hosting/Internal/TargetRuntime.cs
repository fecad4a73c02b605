using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target;

namespace Nvmf.Hosting.Internal;

/// <summary>The target of one host, from its disks to its listeners.</summary>
/// <remarks>
/// <code>
/// Created ──OpenAsync──► Open (subsystems and disks) ──ListenAsync──► Listening ──DrainAsync──► Drained ──DisposeAsync──► Closed
/// </code>
/// Disks are open before the first end point accepts, Kestrel's included, and are closed after the last queue pair ended.
/// </remarks>
internal sealed class TargetRuntime : IDisposable, IAsyncDisposable
{
    private readonly NvmeTransportOptions _options;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isOpening;
    private int _disposed;

    public TargetRuntime(
        IOptions<NvmeTransportOptions> options,
        IOptions<NvmeTargetOptions> targetOptions,
        BufferPool pool,
        IEnumerable<IQueuePairListenerFactory> factories,
        QueuePairEnds ends,
        IServiceProvider services,
        ILoggerFactory loggers,
        TimeProvider? time = null)
    {
        _options = options.Value;
        _logger = loggers.CreateLogger(HostingLog.Category);
        Pool = pool;
        Ends = ends;
        Target = new NvmeTarget(targetOptions.Value, pool, loggers, time);
        Listeners = new ListenerTable(Target, factories, ends, _logger);
        Subsystems = new SubsystemTable(Target, services, _logger);
    }

    public BufferPool Pool { get; }

    public NvmeTarget Target { get; }

    public QueuePairEnds Ends { get; }

    public ListenerTable Listeners { get; }

    public SubsystemTable Subsystems { get; }

    /// <summary>Ends when the configured subsystems are there; faults when they cannot be.</summary>
    public Task Opened => _opened.Task;

    /// <summary>True from the last configured listener to the beginning of the stop.</summary>
    public bool IsListening { get; private set; }

    /// <summary>Opens the disks; the second time waits for the first.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (_isOpening)
        {
            await Opened.ConfigureAwait(false);
            return;
        }

        _isOpening = true;
        try
        {
            foreach (NvmeSubsystemOptions subsystem in _options.Subsystems)
            {
                await Subsystems.AddAsync(subsystem, cancellationToken).ConfigureAwait(false);
            }

            foreach (string referral in _options.Referrals)
            {
                FabricsAddress address = FabricsAddress.Parse(referral);
                Target.AddReferral(new TargetReferral(address.TransportType, address.IPAddress!, address.Port));
            }

            _opened.TrySetResult();
        }
        catch (Exception error)
        {
            _opened.TrySetException(error);
            _ = _opened.Task.Exception;
            throw;
        }
    }

    public async Task ListenAsync(CancellationToken cancellationToken)
    {
        foreach (string address in _options.Listeners)
        {
            await Listeners.AddAsync(address, cancellationToken).ConfigureAwait(false);
        }

        IsListening = true;
    }

    /// <summary>Drains every queue pair; aborts those that are left shortly before <paramref name="limit"/>.</summary>
    public async Task DrainAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        IsListening = false;
        long start = Stopwatch.GetTimestamp();
        Task<IReadOnlyList<DrainReport>> draining = Listeners.RemoveAllAsync(TeardownCause.ProcessStop);
        try
        {
            await draining.WaitAsync(ShutdownTime.GracefulPart(limit), cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            HostingLog.StopAborting(_logger, Listeners.Listeners.Sum(l => l.AbortQueuePairs()));
            await ((Task)draining).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (OperationCanceledException)
        {
        }

        if (draining.IsCompletedSuccessfully)
        {
            HostingLog.Stopped(_logger, draining.Result.Count, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        else
        {
            HostingLog.StopTimedOut(_logger, Listeners.Listeners.Sum(l => l.AbortQueuePairs()));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            // Only a failed start still has listeners here.
            await Listeners.RemoveAllAsync(TeardownCause.ProcessStop).ConfigureAwait(false);
            await Target.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>For service providers that are disposed synchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
