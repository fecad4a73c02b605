using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Nvmf.EventLoop.Internal;
using Nvmf.EventLoop.Native;

namespace Nvmf.EventLoop;

/// <summary>
/// One dedicated thread over epoll. Runs descriptor events, posted items, timers and, at the end of each batch, flushes.
/// </summary>
/// <remarks>
/// <para>Members without "any thread" must be called on the loop.</para>
/// <para>
/// A callback that throws is logged, its owner is told through <see cref="IFailureHandler.OnFailure"/>, and the loop goes on.
/// </para>
/// </remarks>
public sealed partial class EventLoopThread : IDisposable
{
    private readonly EventLoopOptions _options;
    private readonly ILogger _logger;
    private readonly Thread? _thread;
    private readonly SafeFileDescriptor _epoll;
    private readonly SafeFileDescriptor _wakeUp;
    private readonly Mailbox _mailbox = new();
    private unsafe byte* _receiveBuffer;
    private int _threadId;
    private volatile bool _stopping;

    /// <summary>Starts the thread.</summary>
    /// <exception cref="PlatformNotSupportedException">Not on Linux; see <see cref="IsSupported"/>.</exception>
    public EventLoopThread(EventLoopOptions? options = null, ILogger? logger = null) : this(options, logger, manualClock: null)
    {
    }

    private unsafe EventLoopThread(EventLoopOptions? options, ILogger? logger, Func<long>? manualClock)
    {
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException(NotSupportedReason);
        }

        _options = options ?? new EventLoopOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.ReceiveBufferSize, 128 << 10, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_options.ReceiveBufferSize, 64 << 20, nameof(options));
        _logger = logger ?? NullLogger.Instance;
        _spin = new SpinPolicy(_options.SpinDuration);
        _yield = _options.YieldWhenBusy ? new YieldPolicy(_now) : null;
        _epoll = Open(NativeMethods.CreateEpoll(), "epoll_create1");
        _wakeUp = Open(NativeMethods.CreateEventDescriptor(), "eventfd");
        _receiveBuffer = (byte*)NativeMemory.AlignedAlloc((nuint)_options.ReceiveBufferSize, 4096);
        _items = (byte*)NativeMemory.AlignedAlloc((nuint)(EventCapacity * EpollItem.Size), 64);
        WatchWakeUps();
        _manualClock = manualClock;
        if (manualClock is not null)
        {
            return;
        }

        _thread = new Thread(Run) { IsBackground = true, Name = _options.Name };
        _threadId = _thread.ManagedThreadId;
        _thread.UnsafeStart();
    }

    /// <summary>True on 64-bit Linux.</summary>
    public static bool IsSupported => NotSupportedReason is null;

    /// <summary>Why <see cref="IsSupported"/> is false, or null.</summary>
    public static string? NotSupportedReason { get; } = DetermineSupport();

    /// <summary>Name given in the options. Any thread.</summary>
    public string Name => _options.Name;

    /// <summary>True when the caller runs on this loop. Any thread.</summary>
    public bool IsCurrent => Environment.CurrentManagedThreadId == _threadId;

    /// <summary>Native memory for reading into, shared by everything on the loop: its content is valid until the callback returns.</summary>
    /// <exception cref="ObjectDisposedException">The loop has ended: there is nothing to read any more.</exception>
    public unsafe Span<byte> ReceiveBuffer => _receiveBuffer is not null ? new(_receiveBuffer, _options.ReceiveBufferSize) : throw EndedException();

    /// <summary>Runs <paramref name="item"/> on the loop. Any thread. Items of one thread run in the order they were posted.</summary>
    /// <remarks>
    /// No item is lost: after the loop has ended (<see cref="HasEnded"/>) items run on the thread pool, still one at a time, in their order and with
    /// <see cref="IsCurrent"/>. An item that implements <see cref="IFailureHandler"/> is told when it throws.
    /// </remarks>
    public void Post(IThreadPoolWorkItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        bool asleep = _mailbox.Post(item);

        // Behind the fence in there: either this sees that the loop has ended, or the ending loop sees the item.
        if (_ended)
        {
            _lateItems!.Schedule();
        }
        else if (asleep)
        {
            Wake();
        }
    }

    /// <summary>Stops the loop after its current batch and waits for the thread. Any thread; on the loop itself it does not wait.</summary>
    /// <remarks>Whatever is still registered is told, by <see cref="IEventLoopHandler.OnLoopEnded"/> in the loop's last turn, and has to end without the loop.</remarks>
    public void Dispose()
    {
        if (_stopping && _ended)
        {
            return;
        }

        _stopping = true;
        if (_thread is null)
        {
            End();
            return;
        }

        Wake();
        if (IsCurrent)
        {
            return;
        }

        if (!_thread.Join(_options.StopTimeout))
        {
            EventLoopLog.StopTimedOut(_logger, Name, _options.StopTimeout);
        }
    }

    private static string? DetermineSupport() =>
        !OperatingSystem.IsLinux() ? "The event loop needs Linux (epoll)."
        : !Environment.Is64BitProcess ? "The event loop needs a 64-bit process."
        : null;

    private static SafeFileDescriptor Open(int result, string function) =>
        result >= 0 ? new SafeFileDescriptor(result) : throw new IOException($"{function} failed: {Marshal.GetPInvokeErrorMessage(-result)}.");

    private void Wake()
    {
        try
        {
            _ = NativeMethods.SignalEventDescriptor(_wakeUp);
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended between the check and the signal.
        }
    }
}
