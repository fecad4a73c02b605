using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator;

// Requests of the awaitable layer on their way to a slot:
//
//  any thread ──Enqueue──► inbox ──► waiting for a buffer ──► waiting for a slot ──► in flight ──► answered ──► released ──► thread pool, or loop
//                            (everything from here on happens on the loop)
//
// A request leaves a waiting stage at once when it is cancelled, late, or the queue pair breaks. In flight it is only asked back (Abort), because the
// transport still owns its data; the last resort is closing the queue pair, which releases everything within the drain deadlines.
public sealed partial class NvmeQueue
{
    private readonly QueueServices _services;
    private readonly InboxDrain _drain;
    private readonly RequestScanItem _scan;
    private readonly LoopEndings _endings;
    private readonly Lock _afterEnd = new();
    private NvmeRequest? _inbox;
    private RequestList _waiting;
    private ActiveRequests _active;
    private int _scanPosted;
    private bool _ended;

    /// <summary>True when there is a request whose deadline must be watched, or that may be stuck on its way. Any thread.</summary>
    internal bool HasRequests => _active.Count > 0 || Volatile.Read(ref _inbox) is not null;

    /// <summary>Brings a new request, or one whose buffer has arrived, to the loop. Any thread.</summary>
    internal void Enqueue(NvmeRequest request)
    {
        NvmeRequest? head;
        do
        {
            head = Volatile.Read(ref _inbox);
            request.Next = head;
        }
        while (Interlocked.CompareExchange(ref _inbox, request, head) != head);

        // Whoever finds the inbox empty sees to it that it is emptied.
        if (head is not null)
        {
            return;
        }

        if (Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            _pair.Post(_drain);
        }
        // Too late for the loop. EndAsync sets _ended first and looks into the inbox then, so one of us finds the request. Or too many messages are on their
        // way to the loop: then the next scan finds it.
        else if (Volatile.Read(ref _ended))
        {
            FailAfterEnd();
        }
    }

    /// <summary>Looks for cancelled and late requests. Any thread.</summary>
    internal void RequestScan()
    {
        if (Interlocked.Exchange(ref _scanPosted, 1) != 0)
        {
            return;
        }

        if (Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            _pair.Post(_scan);
        }
        // Ended, and every request has been or is being failed; or too busy, and the next tick tries again.
        else
        {
            Volatile.Write(ref _scanPosted, 0);
        }
    }

    private void EmptyInbox()
    {
        var chain = RequestList.Reverse(Interlocked.Exchange(ref _inbox, null));
        while (chain is not null)
        {
            var request = chain;
            chain = request.Next;
            request.Next = null;
            Advance(request);
        }
    }

    private void Advance(NvmeRequest request)
    {
        if (request.Stage == RequestStage.New)
        {
            _active.Add(request);
            request.Stage = RequestStage.WaitingForBuffer;
            if (!request.IsCancelRequested && !RentRoom(request))
            {
                return;
            }
        }

        // From here on the request has its buffer, however it came by it.
        if (request.IsCancelRequested || request.TimedOut || _ended)
        {
            End(request, _ended ? Broken(null) : null);
            return;
        }

        request.FillRoom();
        request.Stage = RequestStage.WaitingForSlot;
        if (request.IsUrgent)
        {
            if (_inUse >= Depth)
            {
                End(request, new InvalidOperationException("Even the reserved slots of the admin queue are taken."));
            }
            else
            {
                Submit(request);
            }
        }
        else
        {
            _waiting.Append(request);
            SubmitWaiting();
        }
    }

    /// <returns>False: its time has not come, or it has ended.</returns>
    private bool RentRoom(NvmeRequest request)
    {
        try
        {
            return request.RentRoom(_services.Pool);
        }
#pragma warning disable CA1031 // More than the pool ever lends, for one: the end of this request, not of those behind it, nor of the loop's turn.
        catch (Exception e)
#pragma warning restore CA1031
        {
            End(request, e);
            return false;
        }
    }

    private void SubmitWaiting()
    {
        while (HasFreeSlot && _waiting.TakeFirst() is { } request)
        {
            Submit(request);
        }
    }

    private void Submit(NvmeRequest request)
    {
        request.Stage = RequestStage.InFlight;
        Exception? error = null;
        try
        {
            if (!TakeSlot(request))
            {
                error = Broken(null);
            }
        }
#pragma warning disable CA1031 // The transport cannot send this one (a lease that its adapter does not know): the others have nothing to do with it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            error = e;
        }

        if (error is not null)
        {
            End(request, error);
        }
    }

    /// <summary>The queue pair broke: what is not in flight fails now, what is will be told by the transport.</summary>
    private void FailWaiting(Exception error)
    {
        while (_waiting.TakeFirst() is { } request)
        {
            End(request, Broken(error));
        }

        for (var request = _active.First; request is not null;)
        {
            var next = request.NextActive;
            if (request.Stage == RequestStage.WaitingForBuffer && request.TryWithdrawFromPool(_services.Pool))
            {
                End(request, Broken(error));
            }

            request = next;
        }
    }

    internal void End(NvmeRequest request, Exception? error)
    {
        _active.Remove(request);
        request.Error = error;
        if (request.EndsOnLoop)
        {
            _endings.Add(request);
        }
        else
        {
            request.EndOnThreadPool();
        }
    }

    /// <summary>Its task never ends, for its data never comes back; somebody must hear of it.</summary>
    internal void KeepForEver(NvmeRequest request)
    {
        _active.Remove(request);
        _services.OnQuarantined(this, request);
    }

    internal NvmeConnectionException Broken(Exception? error, bool mayHaveBeenSent = false)
    {
        var name = Id == 0 ? "The admin queue" : $"I/O queue {Id}";
        var cause = Lifecycle.Cause == TeardownCause.None ? "" : $" ({Lifecycle.Cause})";
        return new($"{name} to {RemoteEndPoint} has ended{cause}{(error is null ? "." : ": " + error.Message)}", error, mayHaveBeenSent);
    }

    private async Task<DrainReport> EndAsync()
    {
        var report = await Lifecycle.Completion.ConfigureAwait(false);
        Volatile.Write(ref _ended, true);
        FailAfterEnd();
        return report;
    }

    /// <summary>After the end nothing runs on the loop any more; latecomers are failed where they are.</summary>
    private void FailAfterEnd()
    {
        lock (_afterEnd)
        {
            EmptyInbox();
            FailWaiting(Broken(null));
        }
    }

    private sealed class InboxDrain(NvmeQueue queue) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            queue.EmptyInbox();
            queue._pair.Flush();
            queue.Lifecycle.Release(ReferenceKind.Event);
        }
    }
}
