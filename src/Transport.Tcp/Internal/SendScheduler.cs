using System.IO.Pipelines;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// Where a flush is sent from. One answer to one request leaves from the thread that flushed, which is the shortest way. Where several flushes follow what was
/// received (streams of HTTP/2, a long body) each would be a call of its own: then the thread pool sends, and what is flushed until it comes to that goes along.
/// </summary>
internal sealed class SendScheduler : PipeScheduler
{
    /// <summary>How often the first flush waits for others once others have followed, before it is tried again whether they still do.</summary>
    private const int TogetherFor = 32;

    private readonly PoolPipeScheduler _later = new();
    private volatile int _flushes;
    private int _together;

    /// <summary>On the loop, while somebody may be flushing: a flush counted wrongly goes the other way, and no more.</summary>
    public void OnReceived() => _flushes = 0;

    public override void Schedule(Action<object?> action, object? state)
    {
        int flushes = _flushes + 1;
        _flushes = flushes;
        if (flushes > 1)
        {
            _together = TogetherFor;
        }
        else if (_together == 0)
        {
            action(state);
            return;
        }
        else
        {
            _together--;
        }

        _later.Schedule(action, state);
    }
}
