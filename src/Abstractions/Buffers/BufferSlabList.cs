using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Buffers;

/// <summary>Lock-free stack of the slabs of one size class that have free blocks (or had, a moment ago).</summary>
/// <remarks>
/// The head is the first slab's index + 1 (low half) and a tag against the ABA problem (high half). A slab is on one list at most: its
/// <see cref="BufferSlabHead.IsListed"/> belongs to whoever sets it, and then goes with the slab on and off the list.
/// </remarks>
internal sealed class BufferSlabList(BufferSlabTable slabs)
{
    private const ulong TagStep = 1UL << 32;

    private PaddedHead _head;

    /// <summary>The first slab, left where it is, or null.</summary>
    public BufferSlab? Peek(out ulong head)
    {
        head = Volatile.Read(ref _head.Value);
        return Slab((int)(uint)head);
    }

    /// <summary>Takes off the slab that <see cref="Peek"/> gave.</summary>
    /// <returns>False: the list has changed since.</returns>
    public bool TryRemove(BufferSlab slab, ulong head)
    {
        ulong next = Next(head, Volatile.Read(ref slab.NextListed));
        RacePoint.Pass(RaceMoment.Removing);
        return Interlocked.CompareExchange(ref _head.Value, next, head) == head;
    }

    public void Push(BufferSlab slab)
    {
        ulong head = Volatile.Read(ref _head.Value);
        while (true)
        {
            Volatile.Write(ref slab.NextListed, (int)(uint)head);
            ulong seen = Interlocked.CompareExchange(ref _head.Value, Next(head, slab.Index + 1), head);
            if (seen == head)
            {
                return;
            }

            head = seen;
        }
    }

    /// <summary>
    /// Takes one slab off, wherever it is. Meanwhile the list is empty: a renter that finds it so comes to the pool's lock, which the
    /// caller holds, and waits there.
    /// </summary>
    /// <returns>False: it is not listed, or somebody is about to list it.</returns>
    public bool TryRemove(BufferSlab slab)
    {
        bool found = false;
        ulong head = Volatile.Read(ref _head.Value), seen;
        while ((seen = Interlocked.CompareExchange(ref _head.Value, Next(head, 0), head)) != head)
        {
            head = seen;
        }

        RacePoint.Pass(RaceMoment.Withdrawing);
        for (BufferSlab? other = Slab((int)(uint)head), next; other is not null; other = next)
        {
            next = Slab(other.NextListed);
            if (other == slab)
            {
                found = true;
            }
            else
            {
                Push(other);
            }
        }

        return found;
    }

    private static ulong Next(ulong head, int first) => ((head & ~(TagStep - 1)) + TagStep) | (uint)first;

    private BufferSlab? Slab(int indexPlusOne) => indexPlusOne == 0 ? null : slabs[indexPlusOne - 1];

    // Alone on its cache line: read by every rent of its class.
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct PaddedHead
    {
        [FieldOffset(56)]
        public ulong Value;
    }
}
