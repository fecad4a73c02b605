using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Buffers;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Memory;

/// <summary>
/// A pool's memory registered with one adapter: one region per slab, made when the slab is, kept until the transport ends. Look-ups from any thread without
/// a lock.
/// </summary>
internal sealed partial class RegisteredPool : IDisposable
{
    private readonly BufferPool _pool;
    private readonly AdapterDevice _device;
    private readonly MemoryAccess _access;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private Entry?[] _entries = [];
    private bool _disposed;

    public RegisteredPool(BufferPool pool, AdapterDevice device, MemoryAccess access, ILogger logger)
    {
        _pool = pool;
        _device = device;
        _access = access;
        _logger = logger;

        // In this order none is missed; one may be seen twice.
        pool.SlabAdded += Register;
        foreach (BufferSlab slab in pool.Slabs)
        {
            Register(slab);
        }
    }

    /// <summary>Bytes registered.</summary>
    public long RegisteredBytes
    {
        get
        {
            lock (_lock)
            {
                return _entries.Sum(static entry => entry?.Region is null ? 0L : entry.Slab.Length);
            }
        }
    }

    /// <summary>The keys of a lease's memory; false when it could not be registered, or is of another pool.</summary>
    public bool TryGetRegion(BufferLease lease, out AdapterMemoryRegion region)
    {
        BufferSlab slab = lease.Slab;
        Entry?[] entries = Volatile.Read(ref _entries);
        Entry? entry = slab.Index < entries.Length ? entries[slab.Index] : null;
        region = entry?.Region!;
        return entry is not null && ReferenceEquals(entry.Slab, slab) && entry.Region is not null;
    }

    /// <summary>All queue pairs of the adapter that used this memory are gone.</summary>
    public void Dispose()
    {
        _pool.SlabAdded -= Register;
        lock (_lock)
        {
            _disposed = true;
            foreach (Entry? entry in _entries)
            {
                if (entry?.Region?.Deregister() is < 0 and int error)
                {
                    Log.NotDeregistered(_logger, entry.Slab.Length, _device.Name, ErrorText.Of(error));
                }
            }

            _entries = [];
        }
    }

    // The pool's lock may be held: nothing here rents or throws.
    private void Register(BufferSlab slab)
    {
        lock (_lock)
        {
            if (_disposed || (slab.Index < _entries.Length && _entries[slab.Index] is not null))
            {
                return;
            }

            int result = _device.RegisterMemory(slab.Address, slab.Length, _access, out AdapterMemoryRegion? region);
            if (result < 0)
            {
                Log.NotRegistered(_logger, slab.Length, _device.Name, ErrorText.Of(result));
            }

            var entries = new Entry?[Math.Max(_entries.Length, slab.Index + 1)];
            _entries.CopyTo(entries, 0);
            entries[slab.Index] = new Entry(slab, region);
            Volatile.Write(ref _entries, entries);
        }
    }

    private sealed record Entry(BufferSlab Slab, AdapterMemoryRegion? Region);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error,
            "{Length} bytes of memory cannot be registered with the RDMA device {Device}: {Error}. Without the capability CAP_IPC_LOCK the limit is RLIMIT_MEMLOCK (ulimit -l).")]
        public static partial void NotRegistered(ILogger logger, int length, string device, string error);

        [LoggerMessage(2, LogLevel.Warning, "{Length} bytes of memory stay registered with the RDMA device {Device}: {Error}.")]
        public static partial void NotDeregistered(ILogger logger, int length, string device, string error);
    }
}
