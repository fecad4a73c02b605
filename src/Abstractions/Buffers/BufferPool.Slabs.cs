using System.Diagnostics.CodeAnalysis;

namespace Nvmf.Abstractions.Buffers;

/// <summary>Where blocks come from when the free list of their class is empty, gauges, and the end.</summary>
public sealed partial class BufferPool
{
    /// <summary>A snapshot of the gauges; exact when nobody rents or releases meanwhile. Takes the pool's lock and looks at every slab.</summary>
    public BufferPoolStatistics Statistics
    {
        get
        {
            lock (_lock)
            {
                long allocated = 0, rentedBytes = 0, rentedBlocks = 0, quarantinedBytes = 0, quarantinedBlocks = 0;
                foreach (BufferSlab slab in _slabs.All)
                {
                    if (slab.IsFreed)
                    {
                        continue;
                    }

                    int size = BufferSizeClass.Size(slab.SizeClass);
                    allocated += slab.Length;
                    rentedBlocks += slab.RentedBlocks;
                    rentedBytes += slab.RentedBlocks * size;
                    quarantinedBlocks += slab.QuarantinedBlocks;
                    quarantinedBytes += slab.QuarantinedBlocks * size;
                }

                return new BufferPoolStatistics(
                    allocated,
                    rentedBytes,
                    rentedBlocks,
                    quarantinedBytes,
                    quarantinedBlocks,
                    _inputOutput.Count + _administration.Count + _waitingShares.Sum(share => share.Waiting.Count),
                    Interlocked.Read(ref _poisonViolations));
            }
        }
    }

    /// <summary>
    /// Frees the slabs without outstanding or quarantined leases; the others stay mapped for the life of the process, because
    /// something may still read them. Leases that are out stay valid and may be released. Those who still wait are forgotten.
    /// </summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if ((_gate & Disposed) != 0)
            {
                return;
            }

            Interlocked.Or(ref _gate, Disposed);
            foreach (BufferSlab slab in _slabs.All)
            {
                if (slab.TryRetire())
                {
                    CheckPoison(slab.Blocks);
                    slab.Free();
                }
                else if (_poison)
                {
                    CheckPoison(TakeFree(slab));
                }
            }
        }
    }

    /// <summary>The free blocks of a slab that stays, for a last look. Nobody rents any more.</summary>
    private static List<BufferBlock> TakeFree(BufferSlab slab)
    {
        var blocks = new List<BufferBlock>();
        while (slab.TryPop(slab.SizeClass, out BufferBlock? block))
        {
            blocks.Add(block);
        }

        blocks.ForEach(block => slab.Push(block));
        return blocks;
    }

    /// <summary>One lease by all means short of waiting. Under the lock.</summary>
    private bool TryTake(int length, BufferPriority priority, BufferShare? share, out BufferLease lease)
    {
        int sizeClass = BufferSizeClass.Of(length);
        bool administration = priority == BufferPriority.Administration;
        if (TryPopOrGrow(_general, sizeClass, out BufferBlock? block)
            || (administration && TryPopOrGrow(_reserve, sizeClass, out block))
            || TryRecut(_general, sizeClass, out block)
            || (administration && TryRecut(_reserve, sizeClass, out block))
            || _general.TryPopLarger(sizeClass, out block)
            || (administration && _reserve.TryPopLarger(sizeClass, out block)))
        {
            lease = Lend(block, length, share);
            return true;
        }

        lease = default;
        return false;
    }

    private bool TryPopOrGrow(BufferPartition partition, int sizeClass, [NotNullWhen(true)] out BufferBlock? block)
    {
        if (partition.TryPop(sizeClass, out block, out _))
        {
            return true;
        }

        if (partition.Grow(sizeClass, _slabs.Count, _poison) is not { } slab)
        {
            return false;
        }

        _slabs.Add(slab);
        try
        {
            SlabAdded?.Invoke(slab);
        }
        finally
        {
            partition.List(slab);
        }

        return partition.TryPop(sizeClass, out block, out _);
    }

    private bool TryRecut(BufferPartition partition, int sizeClass, [NotNullWhen(true)] out BufferBlock? block)
    {
        if (partition.WithdrawFreeSlab(sizeClass) is { } slab)
        {
            CheckPoison(slab.Blocks);
            slab.CutInto(sizeClass, _poison);
            partition.List(slab);
        }

        return partition.TryPop(sizeClass, out block, out _);
    }
}
