using System.Net;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator;

/// <summary>One queue pair of a controller: the admin queue or an I/O queue.</summary>
/// <remarks>
/// <see cref="TrySubmit"/> is the layer for load generators and other code that lives on the queue's event loop: nothing is allocated, nothing
/// waits, and a full queue says no. Requests of the awaitable layer (<see cref="NvmeController"/>, <see cref="NvmeNamespace"/>) go through the same
/// slots; when there is none they wait, first come, first served, and have precedence over <see cref="TrySubmit"/>.
/// </remarks>
public sealed partial class NvmeQueue
{
    private readonly HostQueuePair _pair;
    private readonly int _reservedSlots;
    private int _inUse;
    private int _urgentInUse;
    private long _completed;

    internal NvmeQueue(HostQueuePair pair, ushort id, int depth, QueueServices services)
    {
        _pair = pair;
        Id = id;
        Depth = depth;
        // Keep Alive, Abort and Async Event Request must get through when everything else is stuck.
        _reservedSlots = id == 0 ? Math.Min(services.ReservedAdminSlots, depth - 1) : 0;
        _services = services;
        _drain = new InboxDrain(this);
        _scan = new RequestScanItem(this);
        _endings = new LoopEndings(pair);
        Ended = EndAsync();
    }

    /// <summary>Queue identifier: 0 is the admin queue.</summary>
    public ushort Id { get; }

    /// <summary>Largest number of commands in flight. The submission queue has one entry more, since a full ring is one with a free entry.</summary>
    public int Depth { get; }

    /// <summary>Commands that hold a slot: submitted and not yet released. On the loop exact, elsewhere a recent value.</summary>
    public int InUse => Volatile.Read(ref _inUse);

    /// <summary>Commands answered by the controller since the queue was connected. Any thread.</summary>
    public long Completed => Volatile.Read(ref _completed);

    /// <summary>The controller's address. Any thread.</summary>
    public EndPoint? RemoteEndPoint => _pair.RemoteEndPoint;

    /// <summary>The life of the queue pair. Any thread.</summary>
    public QueuePairLifecycle Lifecycle => _pair.Lifecycle;

    /// <summary>True on the queue's event loop. Any thread.</summary>
    public bool IsOnLoop => _pair.IsOnLoop;

    /// <summary>Ends when the queue pair is gone and every request of the awaitable layer has been answered. Never faults.</summary>
    internal Task<DrainReport> Ended { get; }

    /// <summary>Submits a command. On the queue's loop only.</summary>
    /// <returns>False when all slots are taken or the queue pair is not live; the command was not touched then.</returns>
    public bool TrySubmit(NvmeCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return (command.IsUrgent ? _inUse < Depth : HasFreeSlot && _waiting.IsEmpty) && TakeSlot(command);
    }

    /// <summary>
    /// Sends what was submitted. The loop does it by itself at the end of a batch of completions; call it after submissions from
    /// elsewhere, for example from a posted item. On the queue's loop only.
    /// </summary>
    public void Flush() => _pair.Flush();

    /// <summary>Runs <paramref name="item"/> on the queue's loop. Any thread.</summary>
    /// <returns>False when the queue pair has ended; the item will not run.</returns>
    public bool TryPost(IThreadPoolWorkItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (!Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            return false;
        }

        _pair.Post(new PostedItem(this, item));
        return true;
    }

    internal void Close(TeardownCause cause, Exception? error = null) => _pair.Close(cause, error);

    /// <summary>Any thread; takes effect before what is submitted afterwards.</summary>
    internal void SetInCapsuleDataSize(int size) => TryPost(new InCapsuleSize(_pair, size));

    internal void CountCompletion(Exception? error)
    {
        if (error is null)
        {
            Volatile.Write(ref _completed, _completed + 1);
            return;
        }

        FailWaiting(error);
        _services.OnBroken(this, error);
    }

    internal void ReturnSlot(NvmeCommand command)
    {
        Volatile.Write(ref _inUse, _inUse - 1);
        if (command.IsUrgent)
        {
            _urgentInUse--;
        }

        SubmitWaiting();
    }

    /// <summary>There is one for a command that is not urgent.</summary>
    private bool HasFreeSlot => _inUse - _urgentInUse < Depth - _reservedSlots;

    private bool TakeSlot(NvmeCommand command)
    {
        command.Queue = this;
        // Counted first: a transport may complete a command from inside TrySubmit.
        Volatile.Write(ref _inUse, _inUse + 1);
        if (command.IsUrgent)
        {
            _urgentInUse++;
        }

        var taken = false;
        try
        {
            return taken = _pair.TrySubmit(command);
        }
        finally
        {
            if (!taken)
            {
                GiveSlotBack(command);
            }
        }
    }

    private void GiveSlotBack(NvmeCommand command)
    {
        command.Queue = null;
        Volatile.Write(ref _inUse, _inUse - 1);
        if (command.IsUrgent)
        {
            _urgentInUse--;
        }
    }

    private sealed class PostedItem(NvmeQueue queue, IThreadPoolWorkItem item) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            try { item.Execute(); }
            finally { queue.Lifecycle.Release(ReferenceKind.Event); }
        }
    }

    private sealed class InCapsuleSize(HostQueuePair pair, int size) : IThreadPoolWorkItem
    {
        public void Execute() => pair.InCapsuleDataSize = size;
    }
}
