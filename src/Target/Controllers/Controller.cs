using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Diagnostics;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.Controllers;

/// <summary>
/// A controller: one host's association with a subsystem, from the Connect of its admin queue until the last of its queue pairs is gone.
/// </summary>
/// <remarks>
/// <code>
/// Disabled ──EN=1──► Ready ──EN=0──► Resetting ──I/O queues idle──► Disabled          any state ──admin queue pair ends, keep-alive expires, host or
///     │                │                 └──ReadyTimeout──► Failed                      subsystem removed──► Ended ──all queue pairs gone──► forgotten
///     │ (bad CC)       └──SHN──► ShuttingDown ──I/O queues idle, back ends flushed──► ShutDown ──EN=0──► Resetting
///     └──► Failed ──EN=0──► Resetting
/// </code>
/// <para>
/// Shared by the loops of its queues, the timer, back ends and callers of the public API. One lock guards state and queue lists; it is taken on Connect,
/// property writes, ends of queues and timer ticks, never for an I/O command, and never while calling a queue pair.
/// What belongs to the admin queue alone (features, asynchronous events) lives on the admin queue's loop.
/// </para>
/// </remarks>
internal sealed partial class Controller
{
    /// <summary>ACL: one less than the Abort commands that may look for their victims at a time.</summary>
    public const int AbortLimit = 3;

    /// <summary>CCRL.</summary>
    public const byte ResetLimit = 4;

    private readonly Lock _lock = new();
    private readonly ControllerTable _table;
    private readonly TargetQueue?[] _ioQueues;
    private readonly HashSet<TargetQueue> _openQueues = [];
    private int _busyIoQueues;
    private bool _adminIdle;
    private bool _mustAuthenticate;

    public Controller(NvmeTarget target, ControllerTable table, Subsystem? subsystem, ushort id, ControllerInstance instance, ConnectRequest request)
    {
        Target = target;
        _table = table;
        Subsystem = subsystem;
        Id = id;
        AdminQueue = request.Queue;
        HostNqn = request.HostNqn;
        HostId = request.HostId;
        Port = request.Queue.Port;
        Limits = new ControllerLimits(target.Options, request.Queue.QueuePair.Capabilities, target.Pool);
        Events = new AsynchronousEventQueue(this);
        Features = new ControllerFeatures(this);
        Errors = new ErrorLog(Port.TransportType);
        Instance = instance;
        _ioQueues = new TargetQueue?[(subsystem?.MaxIoQueues ?? 0) + 1];
        SetKeepAlive(request.KeepAliveMilliseconds);
        _lastActivity = _stateSince = target.Time.GetTimestamp();
        _openQueues.Add(AdminQueue);
    }

    public NvmeTarget Target { get; }

    /// <summary>Null for a discovery controller.</summary>
    public Subsystem? Subsystem { get; }

    public bool IsDiscovery => Subsystem == null;

    public string SubsystemNqn => Subsystem?.Nqn ?? Nqn.Discovery;

    public ushort Id { get; }

    /// <summary>Tells this association from others that had or will have the same <see cref="Id"/>.</summary>
    public ControllerInstance Instance { get; }

    public string HostNqn { get; }

    public Identifier128 HostId { get; }

    public TargetPort Port { get; }

    public TargetQueue AdminQueue { get; }

    public ControllerLimits Limits { get; }

    public AsynchronousEventQueue Events { get; }

    public ControllerFeatures Features { get; }

    public ErrorLog Errors { get; }

    /// <summary>Namespaces changed since the host last asked.</summary>
    public ChangedNamespaces ChangedNamespaces { get; } = new();

    /// <summary>Of reservations, since the host last asked.</summary>
    public ReservationNotifications ReservationNotifications { get; } = new();

    /// <summary>Asynchronous events that this controller can report (OAES).</summary>
    public AsynchronousEvents SupportedEvents =>
        IsDiscovery ? AsynchronousEvents.DiscoveryLogChange
        : Subsystem!.AnaReporting ? AsynchronousEvents.NamespaceAttribute | AsynchronousEvents.AsymmetricNamespaceAccess
        : AsynchronousEvents.NamespaceAttribute;

    /// <summary>Cross-Controller Resets that wait. On the admin queue's loop.</summary>
    public int ResetsUnderWay { get; set; }

    /// <summary>Abort commands that are looking on other loops. On the admin queue's loop.</summary>
    public int AbortsUnderWay { get; set; }

    public bool HasIoQueues
    {
        get
        {
            lock (_lock)
            {
                return _busyIoQueues != 0;
            }
        }
    }

    /// <summary>The admin queue's Connect was accepted. On its loop.</summary>
    public void Start(ConnectRequest request, bool mustAuthenticate)
    {
        _mustAuthenticate = mustAuthenticate;
        AdminQueue.BecomeConnected(this, request.Parameters, mustAuthenticate);
        TargetLog.ControllerCreated(Target.Logger, Id, SubsystemNqn, HostNqn, AdminQueue.QueuePair.Id, _keepAlive);
    }

    /// <summary>Connect of an I/O queue. On that queue's loop.</summary>
    public ConnectOutcome AddIoQueue(ConnectRequest request)
    {
        ushort queueId = request.Parameters.QueueId;
        if (request.HostId != HostId)
        {
            return ConnectOutcome.InvalidData(ConnectField.HostId, "the controller belongs to another host identifier");
        }

        if (request.HostNqn != HostNqn)
        {
            return ConnectOutcome.InvalidData(ConnectField.HostNqn, "the controller belongs to another host NQN");
        }

        if (request.Queue.Port != Port)
        {
            return ConnectOutcome.InvalidData(ConnectField.ControllerId, "the controller was reached by another port");
        }

        lock (_lock)
        {
            switch (_state)
            {
                case ControllerState.Ended:
                    return ConnectOutcome.Busy("the association is ending");
                case ControllerState.Ready:
                    break;
                default:
                    return ConnectOutcome.NotReady;
            }

            if (queueId >= _ioQueues.Length || queueId > Features.IoQueuesGranted)
            {
                return ConnectOutcome.InvalidCommand(ConnectField.QueueId, "the queue identifier is above the number of queues");
            }

            if (_ioQueues[queueId] is { } present)
            {
                return present.QueuePair.Lifecycle.State == QueuePairState.Live
                    ? ConnectOutcome.SequenceError("the queue identifier is in use")
                    : ConnectOutcome.Busy("the queue pair that had this identifier is still ending");
            }

            _ioQueues[queueId] = request.Queue;
            _busyIoQueues++;
            _openQueues.Add(request.Queue);
        }

        // Whose secret was taken away meanwhile did not become somebody who needs none.
        bool mustAuthenticate = _mustAuthenticate || Subsystem!.HasSecrets(HostNqn);
        request.Queue.BecomeConnected(this, request.Parameters, mustAuthenticate);
        return ConnectOutcome.Success(Id, mustAuthenticate);
    }

    /// <summary>The I/O queue with this identifier.</summary>
    public TargetQueue? FindIoQueue(ushort queueId)
    {
        lock (_lock)
        {
            return queueId < _ioQueues.Length ? _ioQueues[queueId] : null;
        }
    }

    /// <summary>Every queue whose queue pair is not gone.</summary>
    public TargetQueue[] OpenQueues()
    {
        lock (_lock)
        {
            return [.. _openQueues];
        }
    }

    /// <summary>Every I/O queue that may have a request at a back end, the ending ones included.</summary>
    public TargetQueue[] IoQueues()
    {
        lock (_lock)
        {
            return [.. _ioQueues.Where(static queue => queue != null)!];
        }
    }

    /// <summary>
    /// I/O queues that are ending, or whose association is, and may still have requests at a back end: what a new association of the same host has to wait for.
    /// </summary>
    public Task[] EndingIoQueues()
    {
        lock (_lock)
        {
            return
            [
                .. _ioQueues
                    .Where(queue => queue != null && (_state == ControllerState.Ended || queue.QueuePair.Lifecycle.State > QueuePairState.Live))
                    .Select(static queue => queue!.Idle),
            ];
        }
    }

    public bool BelongsTo(string hostNqn, Identifier128 hostId) => HostNqn == hostNqn && HostId == hostId;

    /// <summary>No request of this queue can touch a medium any more. Any thread, once per queue.</summary>
    public void OnQueueIdle(TargetQueue queue)
    {
        lock (_lock)
        {
            if (queue == AdminQueue)
            {
                _adminIdle = true;
            }
            else
            {
                _ioQueues[queue.QueueId] = null;
                _busyIoQueues--;
            }
        }

        ContinueReset();
        ForgetIfGone();
    }

    /// <summary>The queue pair is gone. Once per queue.</summary>
    public void OnQueueClosed(TargetQueue queue)
    {
        lock (_lock)
        {
            _openQueues.Remove(queue);
        }

        ForgetIfGone();
    }

    /// <summary>A command failed. On the loop of its queue.</summary>
    public void RecordError(CommandSlot slot, NvmeStatus status) => Errors.Add(slot.Queue.QueueId, in slot.Command.Entry, status);

    public ControllerInfo Describe()
    {
        lock (_lock)
        {
            return new ControllerInfo(Id, SubsystemNqn, HostNqn, HostId.ToGuid(), _state, _busyIoQueues, _keepAlive, _cause);
        }
    }

    private void ForgetIfGone()
    {
        lock (_lock)
        {
            if (_openQueues.Count != 0 || _busyIoQueues != 0 || !_adminIdle || _state != ControllerState.Ended)
            {
                return;
            }
        }

        _table.Remove(this);
    }
}
