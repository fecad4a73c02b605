using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.QueuePairs;

namespace Nvmf.Transport.Rdma.Connections;

/// <summary>Loops, adapters, listeners and connections of one factory or connector. Any thread.</summary>
internal sealed class RdmaTransport : IAsyncDisposable
{
    private static long _lastId;
    private readonly RdmaStack _stack;
    private readonly ILoggerFactory _loggerFactory;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<RdmaConnection, bool> _connections = new();
    private readonly ConcurrentDictionary<RdmaListener, bool> _listeners = new();
    private readonly Dictionary<AdapterDevice, DeviceContext> _devices = [];
    private EventLoopGroup? _group;
    private RdmaLoop[] _loops = [];
    private RdmaMetrics? _metrics;
    private uint _next;
    private int _calls;
    private TaskCompletionSource? _lastCallEnded;
    private Task? _disposing;

    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public RdmaTransport(RdmaStack stack, BufferPool pool, RdmaTransportOptions? options, ILoggerFactory? loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(pool);
        Options = options ?? new RdmaTransportOptions();
        Options.Validate(pool.MaxLength);
        Pool = pool;
        _stack = stack;
        _loggerFactory = loggerFactory ?? NullLoggerFactory.Instance;
        Logger = _loggerFactory.CreateLogger("Nvmf.Transport.Rdma");
    }

    public RdmaTransportOptions Options { get; }

    public BufferPool Pool { get; }

    public ILogger Logger { get; }

    /// <summary>Where queue pairs are destroyed. Tests put steps of their own here.</summary>
    public Destroyer Destroyer { get; set; } = new();

    public IReadOnlyList<RdmaLoop> Loops => _loops;

    /// <summary>Null before the start.</summary>
    public RdmaMetrics? Metrics => _metrics;

    /// <summary>Bytes of memory registered, with all adapters; a slab registered twice counts twice.</summary>
    public long RegisteredBytes
    {
        get
        {
            lock (_lock)
            {
                return _devices.Values.Sum(static device => device.RegisteredBytes);
            }
        }
    }

    public IReadOnlyCollection<RdmaConnection> Connections => (IReadOnlyCollection<RdmaConnection>)_connections.Keys;

    /// <summary>It is being disposed of, or has been.</summary>
    public bool IsDisposed => Volatile.Read(ref _disposing) is not null;

    public static string NextName() => $"rdma-{Interlocked.Increment(ref _lastId)}";

    /// <summary>Starts the loops, once.</summary>
    /// <exception cref="ObjectDisposedException">The transport is being disposed of, or the loops that it was given are.</exception>
    /// <exception cref="PlatformNotSupportedException">RDMA cannot be used here.</exception>
    public void EnsureStarted()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, typeof(RdmaTransport));
            (_group ?? Options.EventLoops)?.ThrowIfEnded();
            if (_loops.Length > 0)
            {
                return;
            }

            if ((_stack.NotSupportedReason ?? EventLoopThread.NotSupportedReason) is { } reason)
            {
                throw new PlatformNotSupportedException(reason);
            }

            _group ??= Options.EventLoops ?? new EventLoopGroup(Options.LoopOptions, _loggerFactory);
            var loops = new List<RdmaLoop>();
            foreach (EventLoopThread thread in _group.Loops)
            {
                int result = _stack.CreateEventChannel(out CmEventChannel? channel);
                if (result < 0)
                {
                    loops.ForEach(static loop => loop.Channel.Destroy());
                    throw new PlatformNotSupportedException(ErrorText.Exception("rdma_create_event_channel", result).Message);
                }

                loops.Add(new RdmaLoop(this, thread, channel!));
            }

            foreach (RdmaLoop loop in loops)
            {
                loop.Thread.Post(new LoopAction(loop.Start));
            }

            _loops = [.. loops];
            _metrics = new RdmaMetrics(this);
        }
    }

    /// <summary>
    /// Runs <paramref name="action"/> on the next loop, and waits for it. The disposal waits, too: the loop does not end before, and what the action adds here is ended.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The transport is being disposed of, also when the action has run; or the loop has ended.</exception>
    /// <exception cref="PlatformNotSupportedException">RDMA cannot be used here.</exception>
    public async Task RunAsync(Action<RdmaLoop> action)
    {
        lock (_lock)
        {
            EnsureStarted();
            _calls++;
        }

        try
        {
            RdmaLoop loop = NextLoop();
            await LoopAction.RunAsync(loop.Thread, () =>
            {
                loop.Thread.ThrowIfEnded();
                action(loop);
            }).ConfigureAwait(false);
            ObjectDisposedException.ThrowIf(IsDisposed, typeof(RdmaTransport));
        }
        finally
        {
            lock (_lock)
            {
                if (--_calls == 0)
                {
                    _lastCallEnded?.TrySetResult();
                }
            }
        }
    }

    public RdmaLoop NextLoop() => _loops[(Interlocked.Increment(ref _next) - 1) % (uint)_loops.Length];

    public DeviceContext Use(AdapterDevice device)
    {
        lock (_lock)
        {
            if (!_devices.TryGetValue(device, out DeviceContext? context))
            {
                context = new DeviceContext(this, _loops[0], device);
                _devices.Add(device, context);
                _loops[0].Thread.Post(new LoopAction(context.Start));
            }

            return context;
        }
    }

    public void Add(RdmaConnection connection) => _connections.TryAdd(connection, true);

    public void Remove(RdmaConnection connection)
    {
        if (_connections.TryRemove(connection, out _))
        {
            Interlocked.Increment(ref connection.Loop.Counters.ConnectionsClosed);
        }
    }

    public void Add(RdmaListener listener) => _listeners.TryAdd(listener, true);

    public void Remove(RdmaListener listener) => _listeners.TryRemove(listener, out _);

    /// <summary>The adapter is lost: nothing graceful is possible with any of its connections.</summary>
    public void AbortAll(DeviceContext device, Exception error)
    {
        foreach (RdmaConnection connection in _connections.Keys)
        {
            if (connection.Device == device)
            {
                connection.AbortBecause(TeardownCause.DeviceRemoved, error);
            }
        }
    }

    /// <summary>The owner of the loops ended one first: queue pairs go to their fence without it, listeners hear nothing more. On the loop, in its last turn.</summary>
    public void OnLoopEnded(RdmaLoop loop)
    {
        foreach (RdmaListener listener in _listeners.Keys.Where(listener => listener.Loop == loop))
        {
            listener.OnLoopEnded();
        }

        foreach (RdmaConnection connection in _connections.Keys.Where(connection => connection.Loop == loop))
        {
            connection.OnLoopEnded();
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposing is null)
            {
                _lastCallEnded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_calls == 0)
                {
                    _lastCallEnded.SetResult();
                }

                Task calls = _lastCallEnded.Task;
                _disposing = Task.Run(() => DisposeOnceAsync(calls));
            }

            return new ValueTask(_disposing);
        }
    }

    private async Task DisposeOnceAsync(Task calls)
    {
        await calls.ConfigureAwait(false);
        foreach (RdmaListener listener in _listeners.Keys)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }

        // A connection request may be on its way from one loop to another.
        foreach (RdmaLoop loop in _loops)
        {
            await LoopAction.RunAsync(loop.Thread, static () => { }).ConfigureAwait(false);
        }

        while (!_connections.IsEmpty)
        {
            await EndAsync([.. _connections.Keys]).ConfigureAwait(false);
        }

        await StopLoopsAsync().ConfigureAwait(false);
        _metrics?.Dispose();
        if (Options.EventLoops is null)
        {
            _group?.Dispose();
        }
    }

    private async Task EndAsync(RdmaConnection[] connections)
    {
        QueuePairLifecycle.BeginTeardownOfAll([.. connections.Select(static connection => connection.Lifecycle)], TeardownCause.ProcessStop);

        Task ended = Task.WhenAll(connections.Select(static connection => connection.Lifecycle.Completion));
        if (Options.DrainDeadlines.Commands == Timeout.InfiniteTimeSpan || Options.DrainDeadlines.Transmissions == Timeout.InfiniteTimeSpan)
        {
            // Those who set no deadline close queue pairs themselves, and none should be left here.
            DrainDeadlines usual = DrainDeadlines.Default;
            await ended.WaitAsync(usual.Commands + usual.Transmissions).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (RdmaConnection connection in connections)
            {
                connection.Lifecycle.Abort();
            }
        }

        await ended.ConfigureAwait(false);
    }

    private async Task StopLoopsAsync()
    {
        if (_loops.Length > 0)
        {
            foreach (DeviceContext device in _devices.Values)
            {
                await LoopAction.RunAsync(_loops[0].Thread, device.Stop).ConfigureAwait(false);
            }
        }

        foreach (RdmaLoop loop in _loops)
        {
            await LoopAction.RunAsync(loop.Thread, loop.Stop).ConfigureAwait(false);
        }

        foreach (DeviceContext device in _devices.Values)
        {
            device.Dispose();
        }
    }
}
