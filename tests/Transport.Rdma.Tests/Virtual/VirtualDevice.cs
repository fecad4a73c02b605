using System.Runtime.InteropServices;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

internal sealed class VirtualDevice : AdapterDevice
{
    private readonly Signal _signal = new();
    private readonly Queue<AdapterEvent> _events = new();
    private readonly Dictionary<nint, VirtualQueuePair?> _fetched = [];
    private readonly Dictionary<uint, VirtualMemoryRegion> _regions = [];
    private readonly SortedSet<uint> _freeNumbers = [];
    private uint _lastKey;
    private uint _lastNumber = 16;
    private nint _lastToken;

    public VirtualDevice(VirtualFabric fabric, string name, AdapterLimits limits)
    {
        Fabric = fabric;
        Name = name;
        Limits = limits;
    }

    public static AdapterLimits DefaultLimits { get; } = new(
        MaxQueuePairWorkRequests: 4096,
        MaxCompletionQueueEntries: 1 << 20,
        MaxSharedReceiveQueueWorkRequests: 4096,
        MaxReadsAsInitiator: 16,
        MaxReadsAsResponder: 16,
        IsIwarp: false,
        SendWithInvalidate: true);

    public VirtualFabric Fabric { get; }

    public LiveObjects Live { get; } = new();

    /// <summary>Registering fails from here on (RLIMIT_MEMLOCK).</summary>
    public bool RefusesMemory { get; set; }

    public override string Name { get; }

    public override AdapterLimits Limits { get; }

    public override SafeHandle AsyncDescriptor => _signal.Descriptor;

    /// <summary>Called between the fetch of an event and its hand-over.</summary>
    public Action? Fetched { get; set; }

    public override int TryGetAsyncEvent(out AdapterEvent adapterEvent)
    {
        int result = Fetch(out adapterEvent);
        if (result >= 0)
        {
            Fetched?.Invoke();
        }

        return result;
    }

    private int Fetch(out AdapterEvent adapterEvent)
    {
        lock (Fabric.Lock)
        {
            if (!_events.TryDequeue(out adapterEvent))
            {
                return -Errno.EAGAIN;
            }

            _signal.Set(_events.Count > 0);
            adapterEvent.Token = ++_lastToken;
            var queuePair = (VirtualQueuePair?)adapterEvent.QueuePair;
            _fetched.Add(_lastToken, queuePair);
            if (queuePair is not null)
            {
                queuePair.Unacknowledged++;
            }

            return 0;
        }
    }

    public override void Acknowledge(in AdapterEvent adapterEvent)
    {
        lock (Fabric.Lock)
        {
            if (!_fetched.Remove(adapterEvent.Token, out VirtualQueuePair? queuePair))
            {
                Fabric.Violate("ibv_ack_async_event twice for one event");
            }

            if (queuePair is not null)
            {
                queuePair.Unacknowledged--;
            }
        }
    }

    public override int CreateCompletionQueue(int entries, out AdapterCompletionQueue? completionQueue)
    {
        completionQueue = new VirtualCompletionQueue(this, entries);
        Live.Add(completionQueue);
        return 0;
    }

    public override int CreateSharedReceiveQueue(int depth, out AdapterReceiveQueue? receiveQueue)
    {
        receiveQueue = new VirtualSharedReceiveQueue(this, depth);
        Live.Add(receiveQueue);
        return 0;
    }

    public override int RegisterMemory(nint address, long length, MemoryAccess access, out AdapterMemoryRegion? region)
    {
        lock (Fabric.Lock)
        {
            region = null;
            if (RefusesMemory)
            {
                return -Errno.ENOMEM;
            }

            var made = new VirtualMemoryRegion(this, ++_lastKey, address, length, access);
            _regions.Add(made.LocalKey, made);
            Live.Add(made);
            region = made;
            return 0;
        }
    }

    public void Remove(VirtualMemoryRegion region)
    {
        lock (Fabric.Lock)
        {
            if (!_regions.Remove(region.LocalKey))
            {
                Fabric.Violate("ibv_dereg_mr twice");
            }

            Live.Remove(region);
        }
    }

    public VirtualMemoryRegion? FindLocal(uint key) => _regions.GetValueOrDefault(key);

    public VirtualMemoryRegion? FindRemote(uint key) => (key & 0x8000_0000) != 0 ? _regions.GetValueOrDefault(key & 0x7FFF_FFFF) : null;

    /// <summary>An asynchronous event.</summary>
    public void Emit(AsyncEventType type, VirtualQueuePair? queuePair = null)
    {
        lock (Fabric.Lock)
        {
            if (queuePair is { IsDestroyed: true })
            {
                return;
            }

            _events.Enqueue(new AdapterEvent { Type = type, QueuePair = queuePair });
            _signal.Set(true);
        }
    }

    /// <summary>Events that nobody has fetched go with their queue pair.</summary>
    public void ForgetEvents(VirtualQueuePair queuePair)
    {
        AdapterEvent[] rest = [.. _events.Where(waiting => waiting.QueuePair != queuePair)];
        _events.Clear();
        Array.ForEach(rest, _events.Enqueue);
        _signal.Set(_events.Count > 0);
    }

    /// <summary>Always the smallest number free: reuse as early as can be.</summary>
    public uint TakeNumber()
    {
        if (_freeNumbers.Count == 0)
        {
            return ++_lastNumber;
        }

        uint number = _freeNumbers.Min;
        _freeNumbers.Remove(number);
        return number;
    }

    public void ReturnNumber(uint number) => _freeNumbers.Add(number);
}
