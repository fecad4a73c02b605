using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces.Internal;

namespace Nvmf.Target.Namespaces;

/// <summary>Zeroing: whole chunks give their memory back, the rest is cleared.</summary>
public sealed unsafe partial class MemoryBackend
{
    // What an event loop may spend on one request, in bytes cleared (some tens of microseconds); the rest goes to a thread.
    private const long InlineBudget = 1 << 20;
    private const long ReleaseCost = 256 << 10;
    private const long SkipCost = 64;

    private const int UnitsPerChunk = (int)(SparseMemory.ChunkSize / BlockRangeLocks.UnitSize);

    private BackendWorkers? _workers;

    private bool TryZeroNow(BackendRequest request, long offset, long length)
    {
        long position = offset;
        if (Zero(ref position, offset + length, InlineBudget))
        {
            return true;
        }

        request.BytesDone = position - offset;
        Workers().Enqueue(request);
        return false;
    }

    private void ZeroRest(BackendRequest request)
    {
        long position = ((long)request.StartBlock * BlockSize) + request.BytesDone;
        long end = (long)(request.StartBlock + request.BlockCount) * BlockSize;
        Zero(ref position, end, budget: long.MaxValue);
        request.Complete(NvmeStatus.Success);
    }

    /// <returns>False: the budget is used up; go on at <paramref name="position"/>.</returns>
    private bool Zero(ref long position, long end, long budget)
    {
        while (position < end)
        {
            if (budget <= 0)
            {
                return false;
            }

            long chunkEnd = (position | (SparseMemory.ChunkSize - 1)) + 1;
            if (_memory.Find(position) == null)
            {
                position = Math.Min(chunkEnd, end);
                budget -= SkipCost;
            }
            else if (chunkEnd - position == SparseMemory.ChunkSize && chunkEnd <= end)
            {
                long unit = BlockRangeLocks.UnitOf(position);
                _locks.Enter(unit, UnitsPerChunk, maySleep: false);
                _memory.Release(position >> SparseMemory.ChunkShift);
                _locks.Exit(unit, UnitsPerChunk);
                position = chunkEnd;
                budget -= ReleaseCost;
            }
            else
            {
                int count = (int)Math.Min(end - position, BlockRangeLocks.UnitSize - (position & (BlockRangeLocks.UnitSize - 1)));
                ZeroUnit(position, count);
                position += count;
                budget -= count;
            }
        }

        return true;
    }

    private void ZeroUnit(long offset, int count)
    {
        long unit = BlockRangeLocks.UnitOf(offset);
        _locks.Enter(unit);
        byte* address = _memory.Find(offset);
        if (address != null)
        {
            NativeMemory.Clear(address, (nuint)count);
        }

        _locks.Exit(unit);
    }

    private BackendWorkers Workers()
    {
        if (Volatile.Read(ref _workers) is { } workers)
        {
            return workers;
        }

        var made = new BackendWorkers("nvmf memory disk", maxThreads: 1, ZeroRest);
        BackendWorkers? other = Interlocked.CompareExchange(ref _workers, made, null);
        if (other == null)
        {
            return made;
        }

        _ = made.DisposeAsync().AsTask();
        return other;
    }
}
