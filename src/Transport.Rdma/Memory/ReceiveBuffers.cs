using Nvmf.Abstractions.Buffers;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Memory;

/// <summary>The memory of a receive queue, shared or not. On the loop only.</summary>
internal sealed unsafe class ReceiveBuffers
{
    private readonly BufferPool _pool;
    private readonly RegisteredPool _registered;
    private readonly BufferPriority _priority;
    private readonly int _headerSize;
    private readonly int _dataSize;
    private readonly ReceiveSlot[] _slots;
    private BufferLease _headers;
    private uint _headerKey;

    private ReceiveBuffers(BufferPool pool, RegisteredPool registered, BufferPriority priority, int count, int headerSize, int dataSize)
    {
        _pool = pool;
        _registered = registered;
        _priority = priority;
        _headerSize = headerSize;
        _dataSize = dataSize;
        _slots = new ReceiveSlot[count];
    }

    public int Count => _slots.Length;

    /// <summary>Bytes that all receives together take.</summary>
    public long Bytes => (long)Count * (_headerSize + _dataSize);

    /// <summary>Rents everything at once.</summary>
    /// <returns>Null when there is not enough memory, or it cannot be registered.</returns>
    public static ReceiveBuffers? TryCreate(BufferPool pool, RegisteredPool registered, BufferPriority priority, int count, int headerSize, int dataSize)
    {
        var buffers = new ReceiveBuffers(pool, registered, priority, count, headerSize, dataSize);
        if (buffers.TryRent())
        {
            return buffers;
        }

        buffers.Free();
        return null;
    }

    /// <summary>Nothing will be posted any more.</summary>
    public bool IsFreed { get; private set; }

    public ReceiveSlot this[int index] => _slots[index];

    public Span<byte> Header(int index) => _headers.Span.Slice(index * _headerSize, _headerSize);

    /// <summary>
    /// Makes sure that nobody but the adapter will use the slot's data block: one that a handler has kept is replaced.
    /// </summary>
    /// <returns>False when there is no memory for that at the moment.</returns>
    public bool TryRenew(ReceiveSlot slot)
    {
        if (slot.Data.IsEmpty ? _dataSize == 0 : !slot.Data.IsShared)
        {
            return true;
        }

        if (!TryRentData(out BufferLease fresh))
        {
            return false;
        }

        slot.Data.Release();
        slot.Data = fresh;
        return true;
    }

    /// <summary>The work request that posts a slot.</summary>
    public ReceiveWorkRequest Describe(ReceiveSlot slot, ulong id)
    {
        var request = new ReceiveWorkRequest
        {
            Id = id,
            First = new WorkRequestElement((ulong)(_headers.Pointer + ((long)slot.Index * _headerSize)), (uint)_headerSize, _headerKey),
        };
        if (_dataSize != 0 && _registered.TryGetRegion(slot.Data, out AdapterMemoryRegion region))
        {
            request.Second = new WorkRequestElement((ulong)slot.Data.Pointer, (uint)_dataSize, region.LocalKey);
        }

        return request;
    }

    /// <summary>The adapter is proven to be done with it: gives everything back but the data of commands under way, which goes by <see cref="FreeLate"/>.</summary>
    public void Free()
    {
        foreach (ReceiveSlot? slot in _slots)
        {
            if (slot is { InUse: false })
            {
                FreeLate(slot);
            }
        }

        _headers.Release();
        _headers = default;
        IsFreed = true;
    }

    /// <summary>Gives back a slot that was in use when the rest was.</summary>
    public static void FreeLate(ReceiveSlot slot)
    {
        slot.InUse = false;
        slot.Data.Release();
        slot.Data = default;
    }

    /// <summary>What is posted is never used again; the rest is given back.</summary>
    /// <returns>Bytes put into quarantine.</returns>
    public long Quarantine()
    {
        long bytes = _headers.Length;
        _headers.Quarantine();
        _headers = default;
        foreach (ReceiveSlot slot in _slots)
        {
            if (slot.Posted)
            {
                bytes += slot.Data.Length;
                slot.Data.Quarantine();
                slot.Data = default;
            }
            else if (!slot.InUse)
            {
                FreeLate(slot);
            }
        }

        IsFreed = true;
        return bytes;
    }

    private bool TryRent()
    {
        if (!_pool.TryRent(_slots.Length * _headerSize, _priority, out _headers) || !_registered.TryGetRegion(_headers, out AdapterMemoryRegion region))
        {
            return false;
        }

        _headerKey = region.LocalKey;
        for (int i = 0; i < _slots.Length; i++)
        {
            _slots[i] = new ReceiveSlot(this, i);
            if (_dataSize != 0)
            {
                if (!TryRentData(out BufferLease data))
                {
                    return false;
                }

                _slots[i].Data = data;
            }
        }

        return true;
    }

    private bool TryRentData(out BufferLease data)
    {
        if (!_pool.TryRent(_dataSize, _priority, out data))
        {
            return false;
        }

        if (_registered.TryGetRegion(data, out _))
        {
            return true;
        }

        data.Release();
        data = default;
        return false;
    }
}
