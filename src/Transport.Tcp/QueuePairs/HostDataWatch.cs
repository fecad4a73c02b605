using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>
/// Ends a queue pair whose host was asked for data and sends none, or sends it so slowly that it would take for ever: each such transfer holds a buffer of the pool,
/// and the specification sets the host no deadline. One timer per queue pair, made with its first transfer; at rest when there are none. On the loop, but for
/// the timer's callback.
/// </summary>
/// <remarks>
/// Looks once per interval whether anything came since the last look, so a silence is found after one to two intervals; and whether a transfer has seen too many
/// looks.
/// </remarks>
internal sealed class HostDataWatch : IThreadPoolWorkItem
{
    private readonly IOwnedMemoryConnectionFeature _connection;
    private readonly CommandSlots _slots;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _interval;
    private readonly int _longestInLooks;
    private ITimer? _timer;
    private bool _armed;
    private bool _stopped;
    private int _transfers;
    private long _arrivals;
    private long _arrivalsBefore;

    /// <param name="connection">What to end.</param>
    /// <param name="slots">The commands with their transfers.</param>
    /// <param name="timeProvider">Clock.</param>
    /// <param name="silence">Longest time without any data.</param>
    /// <param name="longest">Longest time of one transfer; found late by up to an interval.</param>
    public HostDataWatch(IOwnedMemoryConnectionFeature connection, CommandSlots slots, TimeProvider timeProvider, TimeSpan silence, TimeSpan longest)
    {
        _connection = connection;
        _slots = slots;
        _timeProvider = timeProvider;
        _interval = silence < longest ? silence : longest;
        _longestInLooks = (int)Math.Min(int.MaxValue / 2, Math.Ceiling(longest / _interval));
    }

    /// <summary>How often it has looked: a transfer remembers the number of its beginning.</summary>
    public int Looks { get; private set; }

    /// <summary>An R2T went out.</summary>
    public void Begin()
    {
        _transfers++;
        if (!_armed)
        {
            Arm();
        }
    }

    /// <summary>Data arrived.</summary>
    public void Progress() => _arrivals++;

    /// <summary>A transfer is complete, or abandoned.</summary>
    public void End() => _transfers--;

    /// <summary>No more looks.</summary>
    public void Stop()
    {
        _stopped = true;
        _timer?.Dispose();
    }

    void IThreadPoolWorkItem.Execute()
    {
        _armed = false;
        Looks++;
        if (_transfers > 0)
        {
            if (_arrivals == _arrivalsBefore)
            {
                EndQueuePair("The host was asked for data and sent none in time.");
            }
            else if (HasOverdueTransfer())
            {
                EndQueuePair("The host was asked for data and sent it too slowly.");
            }
            else
            {
                Arm();
            }
        }

        _connection.Lifecycle.Release(ReferenceKind.Event);
    }

    private void EndQueuePair(string message) => _connection.Lifecycle.BeginTeardown(TeardownCause.TimedOut, new TimeoutException(message));

    private bool HasOverdueTransfer()
    {
        foreach (TcpQueuePairCommand command in _slots.Created)
        {
            // The first look may follow at once, so one more than the time takes.
            if (command.State == CommandState.Transferring && Looks - command.TransferBegan > _longestInLooks)
            {
                return true;
            }
        }

        return false;
    }

    private void Arm()
    {
        if (_stopped)
        {
            return;
        }

        _armed = true;
        _arrivalsBefore = _arrivals;
        _timer ??= _timeProvider.CreateTimer(
            static state => ((HostDataWatch)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(_interval, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        if (_connection.Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            _connection.Post(this);
        }
    }
}
