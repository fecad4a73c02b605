using System.IO.Pipelines;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// Where a flush is sent from: the first after something was received from the thread that flushed, which for one answer to one request is the shortest way; those
/// after it from the thread pool, so that the flushes of several streams go out together.
/// </summary>
internal sealed class SendScheduler : PipeScheduler
{
    private readonly ApplicationScheduler _later = new();
    private volatile bool _hasSent;

    public void OnReceived() => _hasSent = false;

    public override void Schedule(Action<object?> action, object? state)
    {
        if (_hasSent)
        {
            _later.Schedule(action, state);
            return;
        }

        _hasSent = true;
        action(state);
    }
}
