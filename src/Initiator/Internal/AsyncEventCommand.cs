using System.Threading.Channels;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator.Internal;

/// <summary>One outstanding Async Event Request: no deadline, and sent again as soon as it was answered.</summary>
internal sealed class AsyncEventCommand : NvmeCommand, IThreadPoolWorkItem
{
    private readonly NvmeQueue _queue;
    private readonly ChannelWriter<AsynchronousEventResult> _events;
    private bool _again;

    public AsyncEventCommand(NvmeQueue queue, ChannelWriter<AsynchronousEventResult> events)
    {
        (_queue, _events) = (queue, events);
        // A slot lost to a request that waits would never come back to it, and no event would ever be heard of again.
        IsUrgent = true;
    }

    /// <summary>The first submission, on the loop.</summary>
    public void Execute()
    {
        Entry = Entries.Admin(AdminOpcode.AsynchronousEventRequest);
        _queue.TrySubmit(this);
        _queue.Flush();
    }

    protected override void OnEnded(in CompletionQueueEntry completion, Exception? error)
    {
        // An error status (limit exceeded, controller being reset) would only come again.
        _again = error is null && completion.Status.IsSuccess;
        if (_again)
        {
            _events.TryWrite(new AsynchronousEventResult(completion.Dword0));
        }
    }

    protected override void OnDataReleased()
    {
        if (_again)
        {
            _queue.TrySubmit(this);
        }
    }
}
