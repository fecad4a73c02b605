using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces.Internal;

namespace Nvmf.Target.Namespaces;

/// <summary>
/// Blocks in the memory of the process. Sparse: memory is taken, 2 MiB at a time, where something is written, and given back where whole
/// chunks are deallocated or zeroed. Answers at once, except for zeroing so much that it would hold up an event loop.
/// </summary>
public sealed partial class MemoryBackend : NamespaceBackend
{
    /// <summary>Largest size in bytes: 64 TiB.</summary>
    public const long MaxSizeInBytes = SparseMemory.MaxSize;

    private readonly BlockRangeLocks _locks = new();
    private readonly SparseMemory _memory = new();
    private readonly Lock _resizeLock = new();
    private long _size;

    /// <summary>Makes a back end of <paramref name="sizeInBytes"/>, rounded down to whole blocks.</summary>
    /// <param name="sizeInBytes">Size in bytes, at least one block and at most <see cref="MaxSizeInBytes"/>; more than there is memory is fine.</param>
    /// <param name="blockSize">Logical block size: 512, 1024, 2048 or 4096 bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    /// <exception cref="BackendOpenException">The system does not give the address space.</exception>
    public MemoryBackend(long sizeInBytes, int blockSize = 512)
    {
        ThrowIfInvalidBlockSize(blockSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(sizeInBytes, blockSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sizeInBytes, MaxSizeInBytes);
        BlockSize = blockSize;
        _size = sizeInBytes & -blockSize;
        Reserve(_size);
    }

    /// <inheritdoc/>
    public override int BlockSize { get; }

    /// <inheritdoc/>
    public override ulong BlockCount => (ulong)Volatile.Read(ref _size) / (uint)BlockSize;

    /// <inheritdoc/>
    public override bool HasVolatileWriteCache => false;

    /// <inheritdoc/>
    public override bool DeallocatedBlocksReadZeroes => true;

    /// <inheritdoc/>
    public override bool SupportsCompareAndWrite => true;

    /// <summary>Memory in use in bytes, counted in chunks of 2 MiB.</summary>
    public long AllocatedBytes => _memory.AllocatedBytes;

    /// <inheritdoc/>
    public override bool Submit(BackendRequest request, out NvmeStatus status)
    {
        if (!TryGetRange(request, out long offset, out long length, out status))
        {
            return true;
        }

        bool done = true;
        switch (request.Operation)
        {
            case BackendOperation.Read:
                Read(request, offset);
                break;
            case BackendOperation.Write:
                status = Write(request, offset);
                break;
            case BackendOperation.CompareAndWrite:
                status = CompareAndWrite(request.Data, offset);
                break;
            case BackendOperation.WriteZeroes or BackendOperation.Deallocate:
                done = TryZeroNow(request, offset, length);
                break;
        }

        // The mapping goes with the finalizer: not before the copies above are done.
        GC.KeepAlive(this);
        return done;
    }

    /// <summary>
    /// Changes the size and raises <see cref="NamespaceBackend.Resized"/>. What lies beyond a smaller size is lost; new blocks read as zeroes.
    /// May take long; not for event loops.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="newBlockCount"/> is 0 or more than <see cref="MaxSizeInBytes"/>.</exception>
    /// <exception cref="BackendOpenException">The system does not give the address space. Nothing changed.</exception>
    public void Resize(ulong newBlockCount)
    {
        ArgumentOutOfRangeException.ThrowIfZero(newBlockCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(newBlockCount, (ulong)MaxSizeInBytes / (uint)BlockSize);
        lock (_resizeLock)
        {
            long oldSize = _size;
            long newSize = (long)newBlockCount * BlockSize;
            if (newSize == oldSize)
            {
                return;
            }

            if (newSize > oldSize)
            {
                Reserve(newSize);
                Volatile.Write(ref _size, newSize);
            }
            else
            {
                // Writers look at the size again inside their unit: after this wait none writes to the tail any more.
                Volatile.Write(ref _size, newSize);
                _locks.WaitForWriters(maySleep: true);
                long position = newSize;
                Zero(ref position, oldSize, budget: long.MaxValue);
            }
        }

        OnResized();
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _workers, null) is { } workers)
        {
            await workers.DisposeAsync().ConfigureAwait(false);
        }

        _locks.Enter(0, BlockRangeLocks.Stripes, maySleep: true);
        _memory.ReleaseAll();
        _locks.Exit(0, BlockRangeLocks.Stripes);
    }

    private void Reserve(long size)
    {
        _locks.Enter(0, BlockRangeLocks.Stripes, maySleep: true);
        bool reserved = _memory.TryGrow(size);
        _locks.Exit(0, BlockRangeLocks.Stripes);
        if (!reserved)
        {
            throw new BackendOpenException($"The system does not give {size} bytes of address space for a memory disk.");
        }
    }
}
