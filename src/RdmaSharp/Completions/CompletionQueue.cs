using RdmaSharp.Native;

namespace RdmaSharp;

/// <summary>Where work requests end (<c>struct ibv_cq</c>).</summary>
public sealed unsafe class CompletionQueue : RdmaHandle
{
    private int _unacknowledged;

    /// <summary>Makes a completion queue (ibv_create_cq(3)).</summary>
    /// <param name="context">The device.</param>
    /// <param name="entries">Completions that it must hold, at least: it never may overflow. See <see cref="Capacity"/>.</param>
    /// <param name="channel">Tells when there are completions; null if the queue is only polled.</param>
    /// <param name="vector">The interrupt, 0 up to <see cref="RdmaContext.CompletionVectorCount"/> - 1.</param>
    /// <exception cref="RdmaException">More entries than the device can have, or no more queues.</exception>
    public CompletionQueue(RdmaContext context, int entries, CompletionChannel? channel = null, int vector = 0) : base(owned: true, context, channel)
    {
        Channel = channel;
        Adopt(VerbsMethods.CreateCompletionQueue(context, entries, Cookie, channel?.Native ?? 0, vector), "ibv_create_cq");
        Capacity = *(int*)(handle + ObjectOffsets.CompletionQueue.Capacity);
    }

    /// <summary>The channel that it was made with.</summary>
    public CompletionChannel? Channel { get; }

    /// <summary>Completions that it can hold.</summary>
    public int Capacity { get; private set; }

    /// <summary>Completion events fetched and not acknowledged.</summary>
    public int UnacknowledgedEvents => Volatile.Read(ref _unacknowledged);

    /// <summary>Takes completions out (ibv_poll_cq(3)).</summary>
    /// <returns>How many.</returns>
    /// <exception cref="RdmaException">The queue overflowed, or the device failed.</exception>
    public int Poll(Span<WorkCompletion> completions)
    {
        int count = TryPoll(completions);
        return count >= 0 ? count : throw new RdmaException("ibv_poll_cq", -count);
    }

    /// <summary>Takes completions out (ibv_poll_cq(3)).</summary>
    /// <returns>How many; negative errno when the device failed. Does not throw for it.</returns>
    public int TryPoll(Span<WorkCompletion> completions)
    {
        Reference();
        try
        {
            fixed (WorkCompletion* first = completions)
            {
                return ContextOperations.PollCompletionQueue(handle)(handle, completions.Length, first);
            }
        }
        finally
        {
            DangerousRelease();
        }
    }

    /// <summary>
    /// Asks for one event on the channel when the next completion comes (ibv_req_notify_cq(3)). Those that are in the queue already cause none: poll again after it.
    /// </summary>
    /// <param name="solicitedOnly">Only for messages that were sent as solicited, and for errors.</param>
    /// <exception cref="RdmaException">The device failed.</exception>
    public void RequestNotification(bool solicitedOnly = false)
    {
        int error = TryRequestNotification(solicitedOnly);
        if (error != 0)
        {
            throw new RdmaException("ibv_req_notify_cq", error);
        }
    }

    /// <inheritdoc cref="RequestNotification"/>
    /// <returns>0 or errno. Does not throw for it.</returns>
    public int TryRequestNotification(bool solicitedOnly = false)
    {
        Reference();
        try
        {
            return Math.Abs(ContextOperations.RequestNotification(handle)(handle, solicitedOnly ? 1 : 0));
        }
        finally
        {
            DangerousRelease();
        }
    }

    /// <summary>
    /// Acknowledges completion events (ibv_ack_cq_events(3)). It takes a lock: acknowledge many at once. Those left are acknowledged when the queue is destroyed.
    /// </summary>
    /// <param name="count">At most <see cref="UnacknowledgedEvents"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not that many.</exception>
    public void AcknowledgeEvents(int count)
    {
        Reference();
        try
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count);
            if (Interlocked.Add(ref _unacknowledged, -count) < 0)
            {
                Interlocked.Add(ref _unacknowledged, count);
                throw new ArgumentOutOfRangeException(nameof(count), "More events than were fetched.");
            }

            VerbsMethods.AcknowledgeCompletionEvents(handle, (uint)count);
        }
        finally
        {
            DangerousRelease();
        }
    }

    /// <summary>Changes how many completions it can hold (ibv_resize_cq(3)).</summary>
    /// <exception cref="RdmaException">Not supported, or more are in it.</exception>
    public void Resize(int entries)
    {
        int error = VerbsMethods.ResizeCompletionQueue(this, entries);
        if (error != 0)
        {
            throw new RdmaException("ibv_resize_cq", error);
        }

        Capacity = *(int*)(handle + ObjectOffsets.CompletionQueue.Capacity);
    }

    internal void CountEvent() => Interlocked.Increment(ref _unacknowledged);

    private protected override int DestroyNative(nint native)
    {
        // ibv_destroy_cq blocks until every event that was fetched is acknowledged. Nobody can any more: a fetch needs a reference.
        int left = Interlocked.Exchange(ref _unacknowledged, 0);
        if (left > 0)
        {
            VerbsMethods.AcknowledgeCompletionEvents(native, (uint)left);
        }

        return VerbsMethods.DestroyCompletionQueue(native);
    }
}
