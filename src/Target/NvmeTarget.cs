using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Authentication;
using Nvmf.Target.Controllers;
using Nvmf.Target.Diagnostics;
using Nvmf.Target.Discovery;
using Nvmf.Target.Queues;

namespace Nvmf.Target;

/// <summary>An NVMe over Fabrics target: subsystems, their namespaces and controllers, and the discovery subsystem.</summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed partial class NvmeTarget : IAsyncDisposable
{
    // Keep-alive timers are counted in seconds; everything that hangs on the timer may be this late.
    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(500);

    private const int MinPoolLength = 64 << 10;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Subsystem> _subsystems = [];
    private readonly List<TargetPort> _ports = [];
    private readonly HashSet<TargetQueue> _queues = [];
    private readonly ITimer _timer;
    private readonly long _startedAt;
    private ushort _lastPortId;
    private bool _disposed;

    /// <summary>Creates a target without subsystems and ports.</summary>
    /// <param name="options">Checked and copied.</param>
    /// <param name="pool">Memory for the data of commands. The caller's; must outlive the target.</param>
    /// <param name="loggers">Log category "Nvmf.Target".</param>
    /// <param name="time">Clock of keep-alive timers and the Timestamp feature.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the pool's leases are smaller than 64 KiB; the message says which.</exception>
    public NvmeTarget(NvmeTargetOptions options, BufferPool pool, ILoggerFactory? loggers = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(pool);
        NvmeTargetOptionsValidation.Check(options);
        if (pool.MaxLength < MinPoolLength)
        {
            throw new ArgumentException($"The buffer pool lends at most {pool.MaxLength} bytes at a time; a target needs {MinPoolLength}.", nameof(pool));
        }

        Options = options.Copy();
        Pool = pool;
        Logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("Nvmf.Target");
        Time = time ?? TimeProvider.System;
        Metrics = new TargetMetrics(this);
        KeyExchanges = new KeyExchangeGate(Options.MaxKeyExchanges);
        Discovery = new DiscoverySubsystem(this);
        _startedAt = Time.GetTimestamp();
        _timer = Time.CreateTimer(static state => ((NvmeTarget)state!).OnTick(), this, TickPeriod, TickPeriod);
    }

    /// <summary>The subsystems, without the discovery subsystem.</summary>
    public IReadOnlyCollection<Subsystem> Subsystems
    {
        get
        {
            lock (_lock)
            {
                return [.. _subsystems.Values];
            }
        }
    }

    /// <summary>Every queue pair that has a handler and is not closed yet.</summary>
    public IReadOnlyCollection<QueuePairInfo> QueuePairs => [.. Queues().Select(static queue => queue.Describe())];

    /// <summary>Controllers of every subsystem and of the discovery subsystem.</summary>
    public IReadOnlyCollection<ControllerInfo> Controllers => [.. AllControllers().Select(static controller => controller.Describe())];

    internal NvmeTargetOptions Options { get; }

    internal BufferPool Pool { get; }

    internal ILogger Logger { get; }

    internal TimeProvider Time { get; }

    internal TargetMetrics Metrics { get; }

    internal DiscoverySubsystem Discovery { get; }

    internal KeyExchangeGate KeyExchanges { get; }

    /// <summary>Scratch memory of a command that works in chunks, in bytes: at least a block.</summary>
    internal int ChunkSize => Math.Min(Options.ChunkSize, Pool.MaxLength / 2);

    internal TimeSpan Uptime => Time.GetElapsedTime(_startedAt);

    /// <summary>Adds a subsystem without namespaces. Discovery controllers are told (AEN).</summary>
    /// <exception cref="ArgumentException">An option is out of range, or the NQN is taken; the message names it.</exception>
    /// <exception cref="ObjectDisposedException">The target was disposed.</exception>
    public Subsystem AddSubsystem(SubsystemOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var subsystem = new Subsystem(this, options);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_subsystems.TryAdd(subsystem.Nqn, subsystem))
            {
                subsystem.ForgetSecrets();
                throw new ArgumentException($"There is a subsystem {subsystem.Nqn} already.", nameof(options));
            }
        }

        Discovery.OnChanged();
        return subsystem;
    }

    /// <summary>
    /// Removes a subsystem: ends its associations (<see cref="TeardownCause.SubsystemRemoved"/>), waits for their queue pairs, and removes its namespaces.
    /// </summary>
    /// <param name="nqn">The subsystem.</param>
    /// <param name="cancellationToken">Ends the waiting, not the removal.</param>
    /// <returns>One report per queue pair; empty when there is no such subsystem.</returns>
    public Task<IReadOnlyList<DrainReport>> RemoveSubsystemAsync(string nqn, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(nqn);
        Subsystem? subsystem;
        lock (_lock)
        {
            if (!_subsystems.Remove(nqn, out subsystem))
            {
                return Task.FromResult<IReadOnlyList<DrainReport>>([]);
            }
        }

        Discovery.OnChanged();
        return subsystem.CloseAsync(TeardownCause.SubsystemRemoved).WaitAsync(cancellationToken);
    }

    /// <summary>Makes the handler of a new queue pair; the caller then calls <see cref="QueuePair.Start"/> with it.</summary>
    /// <param name="queuePair">A queue pair not yet started.</param>
    /// <param name="port">The port by which it came.</param>
    /// <exception cref="ObjectDisposedException">The target was disposed.</exception>
    public IQueuePairHandler CreateHandler(QueuePair queuePair, TargetPort port)
    {
        ArgumentNullException.ThrowIfNull(queuePair);
        ArgumentNullException.ThrowIfNull(port);
        var queue = new TargetQueue(this, queuePair, port);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _queues.Add(queue);

            // Not OnClosed: a queue pair that is given up before it starts never calls that.
            queue.Forgotten = ForgetAsync(queue);
        }

        return queue;
    }

    /// <summary>
    /// Ends every association (<see cref="TeardownCause.ProcessStop"/>), waits for the queue pairs, removes the subsystems and disposes the back ends.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Subsystem[] subsystems;
        TargetQueue[] queues;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            subsystems = [.. _subsystems.Values];
            queues = [.. _queues];
            _subsystems.Clear();
        }

        Task[] closing = [Discovery.CloseAsync(), .. subsystems.Select(static subsystem => subsystem.CloseAsync(TeardownCause.ProcessStop))];
        foreach (TargetQueue queue in queues)
        {
            queue.QueuePair.Close(TeardownCause.ProcessStop);
        }

        await Task.WhenAll(closing).ConfigureAwait(false);
        await Task.WhenAll(queues.Select(static queue => queue.Forgotten)).ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        Metrics.Dispose();
    }

    /// <summary>The controllers of a subsystem, the discovery subsystem included.</summary>
    internal ControllerTable? FindControllers(string nqn)
    {
        if (nqn == Nqn.Discovery)
        {
            return Discovery.Controllers;
        }

        lock (_lock)
        {
            return _subsystems.TryGetValue(nqn, out Subsystem? subsystem) ? subsystem.ControllerTable : null;
        }
    }

    internal TargetQueue[] Queues()
    {
        lock (_lock)
        {
            return [.. _queues];
        }
    }

    /// <summary>Looks at the queues while none can be removed.</summary>
    internal T WithQueues<T>(Func<IReadOnlyCollection<TargetQueue>, T> look)
    {
        lock (_lock)
        {
            return look(_queues);
        }
    }

    internal IEnumerable<Controller> AllControllers() =>
        Subsystems.SelectMany(static subsystem => subsystem.ControllerTable.Snapshot()).Concat(Discovery.Controllers.Snapshot());

    private async Task ForgetAsync(TargetQueue queue)
    {
        DrainReport report = await queue.QueuePair.Lifecycle.Completion.ConfigureAwait(false);
        lock (_lock)
        {
            _queues.Remove(queue);
            Metrics.Retire(queue, report.Cause);
        }
    }

    private void OnTick()
    {
        long now = Time.GetTimestamp();
        foreach (Controller controller in AllControllers())
        {
            controller.OnTick(now);
        }
    }
}
