using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Buffers;

/// <summary>The lock-free list of a slab's free blocks.</summary>
public sealed unsafe partial class BufferSlab
{
    private PaddedHead _head;
    private long _quarantined;

    /// <summary>Link of the list of slabs with free blocks: <see cref="Index"/> + 1 of the next, 0 at the end.</summary>
    internal int NextListed;

    internal long QuarantinedBlocks => Interlocked.Read(ref _quarantined);

    /// <summary>Blocks with a reference; exact when nobody rents or releases meanwhile.</summary>
    internal long RentedBlocks => Blocks.Length - Head.Count - QuarantinedBlocks;

    /// <summary>All blocks are free: a moment's impression, made sure of by <see cref="TryRetire"/>.</summary>
    internal bool IsFree => Head.Count == Blocks.Length;

    private BufferSlabHead Head => new(Volatile.Read(ref _head.Value));

    internal bool TryPop(int sizeClass, [NotNullWhen(true)] out BufferBlock? block)
    {
        BufferSlabHead head = Head;
        while (head.First != 0 && head.SizeClass == sizeClass)
        {
            BufferBlock candidate = _cuts[sizeClass]![head.First - 1];
            int next = Volatile.Read(ref candidate.NextFree);
            RacePoint.Pass(RaceMoment.Popping);
            if (TryChange(ref head, head.Pop(next)))
            {
                block = candidate;
                return true;
            }
        }

        block = null;
        return false;
    }

    /// <returns>True: the slab was not listed, and the caller has to list it.</returns>
    internal bool Push(BufferBlock block)
    {
        BufferSlabHead head = Head;
        do
        {
            Volatile.Write(ref block.NextFree, head.First);
        }
        while (!TryChange(ref head, head.PushListed(block.Number + 1)));

        return !head.IsListed;
    }

    /// <summary>For whoever has taken the slab off its list because it was empty.</summary>
    /// <returns>False: it no longer is, and the caller has to list it again.</returns>
    internal bool TryUnlist()
    {
        BufferSlabHead head = Head;
        while (head.Count == 0)
        {
            if (TryChange(ref head, head.Unlisted()))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes all blocks of a slab that nobody rents. It then has none free and none rented.</summary>
    internal bool TryRetire()
    {
        BufferSlabHead head = Head;
        while (head.Count == Blocks.Length)
        {
            if (TryChange(ref head, head.Reset(SizeClass, 0)))
            {
                return true;
            }
        }

        return false;
    }

    internal void AddQuarantined() => Interlocked.Increment(ref _quarantined);

    /// <summary>Makes all blocks of the current cut free; only for a slab new or retired, which the caller then has to list.</summary>
    private void ResetFree()
    {
        for (int i = 0; i < Blocks.Length; i++)
        {
            Volatile.Write(ref Blocks[i].NextFree, i + 1 == Blocks.Length ? 0 : i + 2);
        }

        // Nobody changes it now; somebody with an outdated idea of it may still look.
        Interlocked.Exchange(ref _head.Value, Head.Reset(SizeClass, Blocks.Length).Bits);
    }

    private bool TryChange(ref BufferSlabHead head, BufferSlabHead next)
    {
        ulong seen = Interlocked.CompareExchange(ref _head.Value, next.Bits, head.Bits);
        bool changed = seen == head.Bits;
        head = changed ? head : new BufferSlabHead(seen);
        return changed;
    }

    // Alone on its cache lines: written by every rent and release.
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct PaddedHead
    {
        [FieldOffset(56)]
        public ulong Value;
    }
}
