using System.Buffers;
using System.Diagnostics;

namespace Nvmf.Abstractions.Buffers;

/// <summary>
/// One native block and its reference count; made when its slab is cut, reused for the life of the pool.
/// </summary>
/// <remarks>
/// <code>
/// 63                               21   20           19               0
/// ┌──────────────────────────────────┬─────────────┬──────────────────┐
/// │ generation                       │ quarantined │ references       │   changed by compare-and-swap only
/// └──────────────────────────────────┴─────────────┴──────────────────┘
/// free (g, 0) ──rent──► (g, 1) ──retain/release──► (g, n) ──last release──► (g+1, 0): poisoned, back to the free list
///                                                            └─ quarantined ─► (g+1, Q, 0): never touched again
/// </code>
/// Generation and references share the word, so that a stale lease can neither read, retain nor release: its compare fails on the
/// generation whatever the count says. 43 bits of generation do not repeat in 100 days at a million reuses of one block per second.
/// </remarks>
internal sealed unsafe class BufferBlock : MemoryManager<byte>
{
    private const int GenerationShift = 21;
    private const long QuarantinedBit = 1L << 20;
    private const long ReferenceMask = QuarantinedBit - 1;
    private const long GenerationMask = -1L << GenerationShift;
    private const long GenerationStep = 1L << GenerationShift;

    public readonly byte* Pointer;
    public readonly int Length;
    public readonly int SizeClass;

    /// <summary>Position of this block in its slab: what free lists link by.</summary>
    public readonly int Number;

    public readonly BufferSlab Slab;

    /// <summary>Link of the free list: <see cref="Number"/> + 1 of the next block, 0 at the end. Meaningless elsewhere.</summary>
    public int NextFree;

    /// <summary>Who the block is charged to, or null. Set before the first reference is handed out, taken after the last is gone.</summary>
    public BufferShare? Share;

    /// <summary>Bytes charged to <see cref="Share"/>: those of the class asked for, which may be smaller than the block.</summary>
    public int Charge;

    private long _word;

    public BufferBlock(BufferSlab slab, byte* pointer, int sizeClass, int number)
    {
        Slab = slab;
        Pointer = pointer;
        SizeClass = sizeClass;
        Length = BufferSizeClass.Size(sizeClass);
        Number = number;
    }

    /// <summary>Generation of the current (or, when free, the next) lease, in the upper bits of the word.</summary>
    public long Generation => Volatile.Read(ref _word) & GenerationMask;

    public bool IsRented => (Volatile.Read(ref _word) & ReferenceMask) != 0;

    /// <summary>True while <paramref name="generation"/> holds references.</summary>
    public bool IsCurrent(long generation) => (ulong)(Volatile.Read(ref _word) ^ generation) < (ulong)GenerationStep;

    /// <summary>True when <paramref name="generation"/> has more than one reference, or one that quarantine waits for.</summary>
    public bool IsShared(long generation)
    {
        long word = Volatile.Read(ref _word);
        if ((ulong)(word ^ generation) >= (ulong)GenerationStep)
        {
            ThrowStale();
        }

        return word != generation + 1;
    }

    /// <summary>First reference of a block just taken off the free list; nobody else can change the word now.</summary>
    public long Lend()
    {
        long generation = Volatile.Read(ref _word);
        Debug.Assert((generation & ~GenerationMask) == 0, "A free block has no references.");
        Volatile.Write(ref _word, generation + 1);
        return generation;
    }

    public void Retain(long generation)
    {
        long word = Volatile.Read(ref _word);
        while (true)
        {
            if ((ulong)(word ^ generation) >= (ulong)GenerationStep)
            {
                ThrowStale();
            }

            if ((word & ReferenceMask) == ReferenceMask)
            {
                throw new InvalidOperationException("Too many references to one buffer.");
            }

            long seen = Interlocked.CompareExchange(ref _word, word + 1, word);
            if (seen == word)
            {
                return;
            }

            word = seen;
        }
    }

    public void Release(long generation, bool quarantine)
    {
        long word = Volatile.Read(ref _word);
        while (true)
        {
            if ((ulong)(word ^ generation) >= (ulong)GenerationStep)
            {
                ThrowStale();
            }

            long next = (quarantine ? word | QuarantinedBit : word) - 1;
            bool last = (next & ReferenceMask) == 0;
            if (last)
            {
                next += GenerationStep;
            }

            long seen = Interlocked.CompareExchange(ref _word, next, word);
            if (seen == word)
            {
                if (last)
                {
                    Slab.Pool.Return(this, quarantined: (next & QuarantinedBit) != 0);
                }

                return;
            }

            word = seen;
        }
    }

    public Memory<byte> Slice(int offset, int length) => CreateMemory(offset, length);

    /// <summary>A <see cref="Memory{T}"/> has no room for a generation: it is refused only while the block is free.</summary>
    public override Span<byte> GetSpan()
    {
        if (!IsRented)
        {
            ThrowStale();
        }

        return new Span<byte>(Pointer, Length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)Length, nameof(elementIndex));
        return new MemoryHandle(Pointer + elementIndex);
    }

    public override void Unpin()
    {
    }

    /// <summary>As the owner of memory that <see cref="BufferLease.AsMemoryOwner"/> makes of it, the block stands for one reference.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Release(Generation, quarantine: false);
        }
    }

    public static void ThrowStale() =>
        throw new ObjectDisposedException(nameof(BufferLease), "The buffer was released; this lease is stale.");
}
