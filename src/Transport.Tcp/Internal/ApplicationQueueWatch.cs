using System.Diagnostics;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// Looks after an <see cref="ApplicationQueue"/> while something waits for it: posts a mark, and expects it to have been taken one period later. If not, an
/// application holds the others up, and each goes to the pool by itself for a while; for twice as long when that happens again soon.
/// </summary>
internal sealed class ApplicationQueueWatch : LoopTimer, IThreadPoolWorkItem
{
    // Long against a queue of requests that take microseconds, short against what a person or a time-out notices.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan ShortestTimeApart = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTimeApart = TimeSpan.FromMinutes(1);

    private readonly ApplicationQueue _queue;
    private readonly EventLoopThread _loop;
    private readonly Mark _mark = new();
    private TimeSpan _timeApart = ShortestTimeApart;
    private long _joinedAt;
    private volatile bool _isLooking;

    public ApplicationQueueWatch(ApplicationQueue queue, EventLoopThread loop) : base(loop)
    {
        _queue = queue;
        _loop = loop;
    }

    /// <summary>Something was posted. Any thread: an answer that waits behind an application that blocks must be found too.</summary>
    public void Begin()
    {
        if (_loop.HasEnded)
        {
            // No timer fires any more.
            _queue.Part();
            return;
        }

        if (_isLooking)
        {
            return;
        }

        _isLooking = true;
        if (_loop.IsCurrent)
        {
            Start(Period);
        }
        else
        {
            _loop.Post(this);
        }
    }

    void IThreadPoolWorkItem.Execute() => Start(Period);

    protected internal override void OnDue()
    {
        if (_queue.IsApart)
        {
            TryJoin();
        }
        else if (_mark.IsOut)
        {
            Part();
        }
        else if (_queue.HasWork)
        {
            _mark.IsOut = true;
            _queue.Schedule(_mark);
            Start(Period);
        }
        else
        {
            Rest();
        }
    }

    public override void OnFailure(Exception exception) => _queue.Part();

    /// <summary>Whoever posts now and still finds this looking has posted something that is seen here.</summary>
    private void Rest()
    {
        _isLooking = false;
        Interlocked.MemoryBarrier();
        if (_queue.HasWork)
        {
            Begin();
        }
    }

    private void Part()
    {
        bool again = _joinedAt != 0 && Stopwatch.GetElapsedTime(_joinedAt) < _timeApart;
        _timeApart = !again ? ShortestTimeApart : _timeApart < LongestTimeApart ? _timeApart * 2 : LongestTimeApart;
        _queue.Part();
        Start(_timeApart);
    }

    private void TryJoin()
    {
        if (_queue.IsBusy)
        {
            Start(_timeApart);
            return;
        }

        _joinedAt = Stopwatch.GetTimestamp();
        _queue.Join();
        Rest();
    }

    private sealed class Mark : IThreadPoolWorkItem
    {
        private volatile bool _isOut;

        public bool IsOut
        {
            get => _isOut;
            set => _isOut = value;
        }

        public void Execute() => _isOut = false;
    }
}
