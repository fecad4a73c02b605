using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator;

public sealed partial class NvmeQueue
{
    private void ScanRequests()
    {
        var now = _services.TimeProvider.GetTimestamp();
        for (var request = _active.First; request is not null;)
        {
            var next = request.NextActive;
            if (now >= request.Deadline)
            {
                OnDeadline(request, now);
            }
            else if (request.IsCancelRequested && !request.AbortSent)
            {
                TakeBack(request);
            }

            request = next;
        }
    }

    private void OnDeadline(NvmeRequest request, long now)
    {
        if (!request.TimedOut)
        {
            request.TimedOut = true;
            request.Deadline = now + Ticks(_services.AbortTimeout);
            request.AbortSent = false;
            // Without Abort as a next stage (Keep Alive, Abort itself) silence means that the controller is gone.
            if (!request.IsUrgent)
            {
                TakeBack(request);
                return;
            }
        }

        request.Deadline = long.MaxValue;
        Close(TeardownCause.TimedOut, new TimeoutException(
            $"{request.Name} got no answer, and neither did the attempt to abort it within {_services.AbortTimeout.TotalSeconds:0.#} s."));
    }

    private void TakeBack(NvmeRequest request)
    {
        switch (request.Stage)
        {
            case RequestStage.WaitingForBuffer:
                // When the pool is just handing over a buffer, the request comes by once more and ends then.
                if (request.TryWithdrawFromPool(_services.Pool))
                {
                    End(request, null);
                }

                break;
            case RequestStage.WaitingForSlot:
                _waiting.Remove(request);
                End(request, null);
                break;
            case RequestStage.InFlight:
                request.AbortSent = _services.TryAbort(Id, request.Entry.CommandId);
                break;
            default:
                break;
        }
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _services.TimeProvider.TimestampFrequency);

    private sealed class RequestScanItem(NvmeQueue queue) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            // Reset before looking, so that a cancellation during the scan gets another one.
            Volatile.Write(ref queue._scanPosted, 0);
            Interlocked.MemoryBarrier();
            queue.EmptyInbox();
            queue.ScanRequests();
            queue._pair.Flush();
            queue.Lifecycle.Release(ReferenceKind.Event);
        }
    }
}
