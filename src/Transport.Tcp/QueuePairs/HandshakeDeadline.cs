using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>
/// The one timer of a queue pair, for the two waits before its Connect command is accepted; a connected queue pair has none. Its callback touches
/// nothing but the lifecycle, which outlives everything.
/// </summary>
internal sealed class HandshakeDeadline(QueuePairLifecycle lifecycle, TimeProvider timeProvider)
{
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private string _message = "";
    private long _start;
    private TimeSpan _timeout;
    private bool _stopped;

    /// <summary>Begins the next wait. Any thread.</summary>
    public void Restart(TimeSpan timeout, string message)
    {
        lock (_lock)
        {
            if (_stopped)
            {
                return;
            }

            _message = message;
            _timeout = timeout;
            _start = timeProvider.GetTimestamp();
            _timer ??= timeProvider.CreateTimer(static state => ((HandshakeDeadline)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(timeout, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>No wait any more. Any thread, any number of times.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _stopped = true;
            _timer?.Dispose();
            _timer = null;
        }
    }

    private void OnTimer()
    {
        string message;
        lock (_lock)
        {
            if (_stopped)
            {
                return;
            }

            // The timer of the wait before may have been on its way when this one began; clocks of timers and timestamps may differ by a tick.
            TimeSpan left = _timeout - timeProvider.GetElapsedTime(_start);
            if (left > TimeSpan.FromMilliseconds(20))
            {
                _timer!.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }

            message = _message;
        }

        lifecycle.BeginTeardown(TeardownCause.TimedOut, new TimeoutException(message));
    }
}
