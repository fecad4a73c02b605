using System.Diagnostics;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// Looks after an <see cref="ApplicationThread"/> while something waits for it: posts a mark, and expects it to have been taken one period later. If not, an
/// application holds the thread up, and the pool has the work for a while; for twice as long when that happens again soon.
/// </summary>
internal sealed class ApplicationThreadWatch : LoopTimer, IThreadPoolWorkItem
{
    // Long against a queue of requests that take microseconds, short against what a person or a time-out notices.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan ShortestBreak = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBreak = TimeSpan.FromMinutes(1);

    private readonly ApplicationThread _thread;
    private readonly EventLoopThread _loop;
    private readonly Mark _mark = new();
    private TimeSpan _break = ShortestBreak;
    private long _breakOver;
    private volatile bool _isLooking;

    public ApplicationThreadWatch(ApplicationThread thread, EventLoopThread loop) : base(loop)
    {
        _thread = thread;
        _loop = loop;
    }

    /// <summary>Something was posted. Any thread: an answer that waits behind an application that blocks must be found too.</summary>
    public void Begin()
    {
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
        if (_thread.IsPooled)
        {
            TryReturn();
        }
        else if (_mark.IsOut)
        {
            TakeBreak();
        }
        else if (_thread.HasWork)
        {
            _mark.IsOut = true;
            _thread.Schedule(_mark);
            Start(Period);
        }
        else
        {
            Rest();
        }
    }

    public override void OnFailure(Exception exception) => _thread.Pool();

    /// <summary>Whoever posts now and still finds this looking has posted something that is seen here.</summary>
    private void Rest()
    {
        _isLooking = false;
        Interlocked.MemoryBarrier();
        if (_thread.HasWork)
        {
            Begin();
        }
    }

    private void TakeBreak()
    {
        bool again = _breakOver != 0 && Stopwatch.GetElapsedTime(_breakOver) < _break;
        _break = !again ? ShortestBreak : _break < LongestBreak ? _break * 2 : LongestBreak;
        _thread.Pool();
        Start(_break);
    }

    private void TryReturn()
    {
        if (_thread.IsBusy)
        {
            Start(_break);
            return;
        }

        _breakOver = Stopwatch.GetTimestamp();
        _thread.Resume();
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
