using System.Diagnostics.CodeAnalysis;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Controllers;

/// <summary>The controllers of one subsystem (the discovery subsystem included) and their identifiers.</summary>
/// <remarks>
/// Any thread. Identifiers go round the range, and one is given again only when the last queue pair of its controller is gone and no request of it is at a
/// back end: a late request of an old association never looks like one of a new.
/// </remarks>
internal sealed class ControllerTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ushort, Controller> _controllers = [];
    private readonly NvmeTarget _target;
    private readonly Subsystem? _subsystem;
    private readonly int _maxControllers;
    private readonly ushort _minId;
    private readonly ushort _maxId;
    private ushort _lastId;
    private ControllerInstance _lastInstance;
    private bool _closed;

    /// <param name="target">The target.</param>
    /// <param name="subsystem">Null for the discovery subsystem.</param>
    /// <param name="maxControllers">How many at a time.</param>
    /// <param name="minId">Lowest identifier.</param>
    /// <param name="maxId">Highest identifier.</param>
    public ControllerTable(NvmeTarget target, Subsystem? subsystem, int maxControllers, ushort minId, ushort maxId)
    {
        _target = target;
        _subsystem = subsystem;
        _maxControllers = maxControllers;
        _minId = minId;
        _maxId = maxId;
        _lastId = maxId;
    }

    public Controller[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _controllers.Values];
        }
    }

    /// <summary>Connect of an admin queue.</summary>
    public ConnectOutcome Create(ConnectRequest request)
    {
        if (request.ControllerId != ControllerIdentifiers.Dynamic)
        {
            return ConnectOutcome.InvalidData(ConnectField.ControllerId, "controllers are dynamic, CNTLID must be FFFFh");
        }

        Controller controller;
        bool mustAuthenticate = false;
        lock (_lock)
        {
            // Under the lock: a host that is taken off the list, or a subsystem that is removed, finds every controller made before.
            if (_closed)
            {
                return ConnectOutcome.Busy("the subsystem is being removed");
            }

            if (_subsystem != null && !_subsystem.IsAllowed(request.HostNqn, out mustAuthenticate))
            {
                return ConnectOutcome.InvalidHost;
            }

            if (_controllers.Count >= _maxControllers || !TryNextId(out ushort id))
            {
                return ConnectOutcome.Busy("the subsystem has all the controllers it can");
            }

            _lastInstance = _lastInstance.Next();
            controller = new Controller(_target, this, _subsystem, id, _lastInstance, request);
            _controllers.Add(id, controller);
        }

        controller.Start(request, mustAuthenticate);
        return ConnectOutcome.Success(controller.Id, mustAuthenticate);
    }

    /// <summary>Connect of an I/O queue.</summary>
    public ConnectOutcome AddIoQueue(ConnectRequest request)
    {
        if (_subsystem == null)
        {
            return ConnectOutcome.InvalidCommand(ConnectField.QueueId, "a discovery controller has no I/O queues");
        }

        return TryFind(request.ControllerId, out Controller? controller)
            ? controller.AddIoQueue(request)
            : ConnectOutcome.UnknownController("there is no such controller");
    }

    /// <summary>
    /// What must be over before a new association of this host begins: requests of associations of the same host that are ending. Its healthy ones (other paths)
    /// hold up nothing.
    /// </summary>
    public Task[] EndingIoQueues(string hostNqn, Identifier128 hostId) =>
        [.. Snapshot().Where(controller => controller.BelongsTo(hostNqn, hostId)).SelectMany(static controller => controller.EndingIoQueues())];

    /// <summary>The controller with this identifier, if it is still the one that is meant.</summary>
    public Controller? Find(ushort id, ControllerInstance instance) => TryFind(id, out Controller? controller) && controller.Instance == instance ? controller : null;

    /// <summary>The last trace of a controller is gone.</summary>
    public void Remove(Controller controller)
    {
        lock (_lock)
        {
            _controllers.Remove(controller.Id);
        }
    }

    /// <summary>Makes no more controllers, and ends those that are there.</summary>
    public Task<DrainReport[]> CloseAsync(TeardownCause cause)
    {
        lock (_lock)
        {
            _closed = true;
        }

        return EndAsync(cause, static _ => true);
    }

    /// <summary>Ends the controllers that match, and waits for their queue pairs.</summary>
    public async Task<DrainReport[]> EndAsync(TeardownCause cause, Func<Controller, bool> match)
    {
        Task<DrainReport[]>[] ends = [.. Snapshot().Where(match).Select(controller => controller.EndAsync(cause))];
        return [.. (await Task.WhenAll(ends).ConfigureAwait(false)).SelectMany(static reports => reports)];
    }

    private bool TryFind(ushort id, [MaybeNullWhen(false)] out Controller controller)
    {
        lock (_lock)
        {
            return _controllers.TryGetValue(id, out controller);
        }
    }

    private bool TryNextId(out ushort id)
    {
        for (int tries = _maxId - _minId + 1; tries > 0; tries--)
        {
            _lastId = _lastId >= _maxId ? _minId : (ushort)(_lastId + 1);
            if (!_controllers.ContainsKey(_lastId))
            {
                id = _lastId;
                return true;
            }
        }

        id = 0;
        return false;
    }
}
