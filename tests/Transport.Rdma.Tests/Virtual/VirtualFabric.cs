using System.Net;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

/// <summary>
/// Machines with one virtual adapter each, and the network between them. Obeys the rules of verbs and of the connection manager that the transport relies on,
/// and fails whoever breaks them. Everything happens under one lock, at the call that causes it, unless the script holds it back.
/// </summary>
internal sealed class VirtualFabric
{
    private readonly List<string> _violations = [];
    private readonly List<VirtualCmEvent> _heldEvents = [];
    private readonly List<Action> _heldCompletions = [];
    private int _lastPort = 40000;

    public Lock Lock { get; } = new();

    public Dictionary<int, VirtualCmId> Listeners { get; } = [];

    /// <summary>How often each transition to ERR of a queue pair with a shared receive queue says so. rxe 6.1 and siw: 0; rxe 6.12: several.</summary>
    public int LastWorkRequestEvents { get; set; } = 1;

    /// <summary>The peer's queue pair goes to ERR with the disconnect (siw) or stays in RTS until its own (rxe).</summary>
    public bool PeerGoesToError { get; set; }

    /// <summary>What is posted in ERR is flushed (rxe), or never heard of again (siw, when the queue pair went there by itself).</summary>
    public bool FlushesWhatIsPostedLate { get; set; } = true;

    /// <summary>CM events wait for <see cref="DeliverEvent"/>.</summary>
    public bool HoldEvents { get; set; }

    /// <summary>Completions wait for <see cref="DeliverCompletions"/>.</summary>
    public bool HoldCompletions { get; set; }

    /// <summary>What is posted is carried out only by <see cref="RunTransfers"/>: until then its memory must not be used for anything else.</summary>
    public bool HoldTransfers { get; set; }

    /// <summary>Queue pairs with something to carry out.</summary>
    public HashSet<VirtualQueuePair> Ready { get; } = [];

    /// <summary>Called on the thread that is about to destroy an id, when its queue pair is gone.</summary>
    public Action? DestroyingId { get; set; }

    /// <summary>How long a call that must block may do so before it counts as a deadlock.</summary>
    public TimeSpan DeadlockTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (Lock)
            {
                return [.. _violations];
            }
        }
    }

    public int HeldEvents
    {
        get
        {
            lock (Lock)
            {
                return _heldEvents.Count;
            }
        }
    }

    public int HeldCompletions
    {
        get
        {
            lock (Lock)
            {
                return _heldCompletions.Count;
            }
        }
    }

    public VirtualStack AddMachine(string name, AdapterLimits? limits = null) => new(this, name, limits ?? VirtualDevice.DefaultLimits);

    /// <summary>A rule of verbs was broken.</summary>
    public void Violate(string what)
    {
        lock (Lock)
        {
            _violations.Add(what);
        }

        throw new VerbsViolationException(what);
    }

    /// <summary>Delivers a held CM event: any of those that are the oldest of their id.</summary>
    public void DeliverEvent(int index)
    {
        lock (Lock)
        {
            if (index < _heldEvents.Count)
            {
                VirtualCmEvent held = _heldEvents[index];
                _heldEvents.RemoveAt(index);
                held.Id.Enqueue(held);
            }
        }
    }

    public void DeliverCompletions()
    {
        lock (Lock)
        {
            foreach (Action deliver in _heldCompletions)
            {
                deliver();
            }

            _heldCompletions.Clear();
        }
    }

    /// <summary>Carries out what was posted, of some queue pairs or of all.</summary>
    public void RunTransfers(Func<VirtualQueuePair, bool>? which = null)
    {
        lock (Lock)
        {
            bool held = HoldTransfers;
            HoldTransfers = false;
            foreach (VirtualQueuePair queuePair in Ready.Where(which ?? (static _ => true)).ToArray())
            {
                Ready.Remove(queuePair);
                queuePair.Run();
            }

            HoldTransfers = held;
        }
    }

    /// <summary>Nothing is held from now on.</summary>
    public void DeliverAll()
    {
        lock (Lock)
        {
            HoldEvents = HoldCompletions = HoldTransfers = false;
            RunTransfers();
            while (_heldEvents.Count > 0)
            {
                DeliverEvent(0);
            }

            DeliverCompletions();
        }
    }

    public void Emit(VirtualCmEvent cmEvent)
    {
        if (HoldEvents)
        {
            _heldEvents.Add(cmEvent);
        }
        else
        {
            cmEvent.Id.Enqueue(cmEvent);
        }
    }

    public void ForgetEvents(VirtualCmId id) => _heldEvents.RemoveAll(held => held.Id == id);

    public void Complete(Action deliver, bool hold)
    {
        if (HoldCompletions || hold)
        {
            _heldCompletions.Add(deliver);
        }
        else
        {
            deliver();
        }
    }

    public int NextPort() => ++_lastPort;

    public static IPEndPoint Address(int port) => new(IPAddress.Loopback, port);
}
