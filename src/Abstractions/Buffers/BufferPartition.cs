using System.Diagnostics.CodeAnalysis;

namespace Nvmf.Abstractions.Buffers;

/// <summary>
/// A budget of bytes, the slabs paid from it and their free blocks. A pool has two: the general part and the reserve. A block
/// returns to the partition of its slab, so a block of the reserve never ends up with I/O.
/// </summary>
/// <remarks>
/// <see cref="TryPop"/> and <see cref="Push"/> from any thread; the rest under the pool's lock. Every change of a list is a full fence,
/// which the wake-up of waiters relies on.
/// </remarks>
internal sealed class BufferPartition
{
    private readonly BufferPool _pool;
    private readonly BufferSlabList[] _listed = new BufferSlabList[BufferSizeClass.Count];
    private readonly List<BufferSlab> _slabs = [];
    private long _budget;

    public BufferPartition(BufferPool pool, BufferSlabTable table, long budget, bool isReserve)
    {
        _pool = pool;
        _budget = budget;
        IsReserve = isReserve;
        for (int i = 0; i < _listed.Length; i++)
        {
            _listed[i] = new BufferSlabList(table);
        }
    }

    public bool IsReserve { get; }

    public static int SlabsFor(long budget) => checked((int)((budget + BufferSlab.DefaultLength - 1) / BufferSlab.DefaultLength));

    /// <summary>A free block of the class.</summary>
    /// <param name="sizeClass">The class.</param>
    /// <param name="block">The block, the caller's alone.</param>
    /// <param name="relisted">A slab was off the list for a moment: somebody may have missed blocks that were released to it meanwhile.</param>
    public bool TryPop(int sizeClass, [NotNullWhen(true)] out BufferBlock? block, out bool relisted)
    {
        relisted = false;
        BufferSlabList listed = _listed[sizeClass];
        while (listed.Peek(out ulong head) is { } slab)
        {
            if (slab.TryPop(sizeClass, out block))
            {
                return true;
            }

            // Empty: take it off. Whoever next releases to it lists it again; or has done so already, trusting that it was listed.
            if (!listed.TryRemove(slab, head))
            {
                continue;
            }

            RacePoint.Pass(RaceMoment.Unlisting);
            if (!slab.TryUnlist())
            {
                listed.Push(slab);
                relisted = true;
            }
        }

        block = null;
        return false;
    }

    /// <summary>Makes a block free.</summary>
    public void Push(BufferBlock block)
    {
        if (block.Slab.Push(block))
        {
            RacePoint.Pass(RaceMoment.Listing);
            _listed[block.SizeClass].Push(block.Slab);
        }
    }

    /// <summary>Makes the blocks of a slab just cut available.</summary>
    public void List(BufferSlab slab) => _listed[slab.SizeClass].Push(slab);

    /// <summary>A new slab for the class, cut and not yet listed; null when the budget does not allow it.</summary>
    public BufferSlab? Grow(int sizeClass, int index, bool poison)
    {
        long length = Math.Min(_budget, BufferSlab.DefaultLength) & -BufferSlab.PageSize;
        if (length < BufferSizeClass.Size(sizeClass))
        {
            return null;
        }

        var slab = new BufferSlab(_pool, this, index, (int)length);
        _budget -= length;
        _slabs.Add(slab);
        slab.CutInto(sizeClass, poison);
        return slab;
    }

    /// <summary>A free block of the smallest class above <paramref name="sizeClass"/> that has one.</summary>
    public bool TryPopLarger(int sizeClass, [NotNullWhen(true)] out BufferBlock? block)
    {
        for (int larger = sizeClass + 1; larger < _listed.Length; larger++)
        {
            if (TryPop(larger, out block, out _))
            {
                return true;
            }
        }

        block = null;
        return false;
    }

    /// <summary>Withdraws a slab of another class that nobody rents from and that can hold <paramref name="sizeClass"/>, to be cut anew.</summary>
    public BufferSlab? WithdrawFreeSlab(int sizeClass)
    {
        foreach (BufferSlab slab in _slabs)
        {
            if (slab.SizeClass != sizeClass && slab.Length >= BufferSizeClass.Size(sizeClass) && slab.IsFree && TryWithdraw(slab))
            {
                return slab;
            }
        }

        return null;
    }

    private bool TryWithdraw(BufferSlab slab)
    {
        BufferSlabList listed = _listed[slab.SizeClass];
        if (!listed.TryRemove(slab))
        {
            return false;
        }

        if (slab.TryRetire())
        {
            return true;
        }

        listed.Push(slab);
        return false;
    }
}
