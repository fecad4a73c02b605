using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Nvmf.EventLoop;

/// <summary>Several loops, given out in turn. Any thread.</summary>
public sealed class EventLoopGroup : IDisposable
{
    private readonly EventLoopThread[] _loops;
    private uint _next;

    /// <summary>Starts the loops.</summary>
    /// <exception cref="PlatformNotSupportedException">See <see cref="EventLoopThread.IsSupported"/>.</exception>
    public EventLoopGroup(EventLoopGroupOptions? options = null, ILoggerFactory? loggerFactory = null)
    {
        options ??= new EventLoopGroupOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.Count, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Count, 1024, nameof(options));
        int count = options.Count > 0 ? options.Count : Math.Clamp(Environment.ProcessorCount / 2, 1, 16);
        ILogger logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<EventLoopThread>();
        _loops = new EventLoopThread[count];
        for (int i = 0; i < count; i++)
        {
            _loops[i] = new EventLoopThread(
                new EventLoopOptions
                {
                    Name = $"{options.Name}-{i}",
                    SpinDuration = options.SpinDuration,
                    YieldWhenBusy = options.YieldWhenBusy,
                    Processor = options.Processors.Count > 0 ? options.Processors[i % options.Processors.Count] : null,
                    ReceiveBufferSize = options.ReceiveBufferSize,
                    StopTimeout = options.StopTimeout,
                },
                logger);
        }
    }

    /// <summary>Takes over loops made elsewhere.</summary>
    internal EventLoopGroup(EventLoopThread[] loops) => _loops = loops;

    /// <summary>All loops.</summary>
    public IReadOnlyList<EventLoopThread> Loops => _loops;

    /// <summary>The next loop in turn.</summary>
    public EventLoopThread Next() => _loops[(Interlocked.Increment(ref _next) - 1) % (uint)_loops.Length];

    /// <exception cref="ObjectDisposedException">A loop has ended.</exception>
    internal void ThrowIfEnded()
    {
        foreach (EventLoopThread loop in _loops)
        {
            loop.ThrowIfEnded();
        }
    }

    /// <summary>
    /// Stops the loops and waits for their threads. What lives on them should be gone by then: connections that are not end at once, without draining.
    /// </summary>
    public void Dispose()
    {
        foreach (EventLoopThread loop in _loops)
        {
            loop.Dispose();
        }
    }
}
