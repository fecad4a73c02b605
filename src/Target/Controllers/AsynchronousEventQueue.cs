using System.Diagnostics;
using System.Numerics;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Controllers;

/// <summary>
/// The events of a controller and the Asynchronous Event Request commands that wait for them. An event, once reported, is masked until the host reads its log page; what happens
/// meanwhile is in that page.
/// </summary>
/// <remarks><see cref="Raise"/> comes from any thread; everything else lives on the admin queue's loop.</remarks>
internal sealed class AsynchronousEventQueue(Controller controller) : IThreadPoolWorkItem
{
    /// <summary>A reservation notification can be read. Not a bit of feature 0Bh: the mask of feature 82h decides.</summary>
    public const AsynchronousEvents ReservationLogPageAvailable = (AsynchronousEvents)(1u << 26);

    private readonly List<CommandSlot> _requests = new(controller.Target.Options.MaxAsynchronousEventRequests);
    private uint _raised;
    private uint _masked;
    private int _enabled;
    private int _posted;

    /// <summary>Asynchronous Event Configuration (feature 0Bh).</summary>
    public AsynchronousEvents Enabled
    {
        get => (AsynchronousEvents)Volatile.Read(ref _enabled);
        set
        {
            Volatile.Write(ref _enabled, (int)value);
            Deliver();
        }
    }

    private uint Deliverable => (uint)(Enabled | ReservationLogPageAvailable);

    /// <summary>Something happened. Nothing is remembered of events that the host has not enabled.</summary>
    public void Raise(AsynchronousEvents events)
    {
        if ((Deliverable & (uint)events) == 0)
        {
            return;
        }

        Interlocked.Or(ref _raised, (uint)events);
        if (Interlocked.Exchange(ref _posted, 1) == 0 && !controller.AdminQueue.TryPostEvent(this))
        {
            Volatile.Write(ref _posted, 0);
        }
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _posted, 0);
        Deliver();
        controller.AdminQueue.QueuePair.Lifecycle.Release(ReferenceKind.Event);
    }

    /// <summary>Takes a request.</summary>
    /// <returns>False when the host has as many outstanding as it may.</returns>
    public bool TryAdd(CommandSlot request)
    {
        if (_requests.Count >= controller.Target.Options.MaxAsynchronousEventRequests)
        {
            return false;
        }

        request.WaitForEvent();
        _requests.Add(request);
        Deliver();
        return true;
    }

    /// <summary>
    /// The host is about to read the log page of <paramref name="events"/>: what was raised is in it. Call it before reading what the page is made of.
    /// </summary>
    public void Clear(AsynchronousEvents events)
    {
        Interlocked.And(ref _raised, ~(uint)events);
        _masked &= ~(uint)events;
    }

    /// <summary>An Abort command names this request.</summary>
    public bool TryAbort(ushort commandId)
    {
        int index = _requests.FindIndex(request => request.CommandId == commandId);
        if (index < 0)
        {
            return false;
        }

        CommandSlot request = _requests[index];
        _requests.RemoveAt(index);
        request.Fail(NvmeStatus.AbortRequested);
        return true;
    }

    /// <summary>The controller was reset: requests end, the configuration is the default.</summary>
    public void Reset()
    {
        Volatile.Write(ref _enabled, 0);
        Interlocked.Exchange(ref _raised, 0);
        _masked = 0;
        while (_requests.Count != 0)
        {
            TakeFirst().Fail(NvmeStatus.AbortRequested);
        }
    }

    /// <summary>The queue pair is ending.</summary>
    public void DropAll()
    {
        Volatile.Write(ref _enabled, 0);
        while (_requests.Count != 0)
        {
            TakeFirst().Drop();
        }
    }

    private void Deliver()
    {
        while (_requests.Count != 0)
        {
            uint ready = Volatile.Read(ref _raised) & Deliverable & ~_masked;
            if (ready == 0)
            {
                return;
            }

            uint bit = 1u << BitOperations.TrailingZeroCount(ready);
            Interlocked.And(ref _raised, ~bit);
            _masked |= bit;
            CommandSlot request = TakeFirst();
            request.Result = Describe((AsynchronousEvents)bit).Value;
            request.Succeed();
        }
    }

    private CommandSlot TakeFirst()
    {
        CommandSlot request = _requests[0];
        _requests.RemoveAt(0);
        return request;
    }

    private static AsynchronousEventResult Describe(AsynchronousEvents occurred)
    {
        if (occurred == ReservationLogPageAvailable)
        {
            // Information 00h of this type: Reservation Log Page Available.
            return new AsynchronousEventResult { Type = AsynchronousEventType.CommandSet, LogPage = LogPageIdentifier.ReservationNotification };
        }

        (AsynchronousEventNotice notice, LogPageIdentifier page) = occurred switch
        {
            AsynchronousEvents.NamespaceAttribute => (AsynchronousEventNotice.NamespaceAttributeChanged, LogPageIdentifier.ChangedNamespaceList),
            AsynchronousEvents.AsymmetricNamespaceAccess =>
                (AsynchronousEventNotice.AsymmetricNamespaceAccessChange, LogPageIdentifier.AsymmetricNamespaceAccess),
            AsynchronousEvents.DiscoveryLogChange => (AsynchronousEventNotice.DiscoveryLogChange, LogPageIdentifier.Discovery),
            _ => throw new UnreachableException(),
        };
        return new AsynchronousEventResult { Type = AsynchronousEventType.Notice, Information = (byte)notice, LogPage = page };
    }
}
