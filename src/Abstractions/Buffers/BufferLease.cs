using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Buffers;

/// <summary>
/// A counted reference to (a slice of) a native, page-aligned block of a <see cref="BufferPool"/>.
/// </summary>
/// <remarks>
/// <para>
/// A lease is a value: copying the struct does not add a reference. Whoever holds a reference calls <see cref="Release"/>
/// exactly once for it; <see cref="Retain"/> adds one. A method documented as "takes over the reference" releases on the
/// caller's behalf, and the caller must not touch the lease afterwards.
/// </para>
/// <para>
/// Every lease carries the generation of its block. Once the last reference is gone the generation moves on, and any use of
/// a stale lease throws <see cref="ObjectDisposedException"/> instead of reading somebody else's data (invariants I1 and I7).
/// A release too many is found in the same way: at the latest by the holder whose reference it took.
/// </para>
/// <para>
/// An empty lease (<c>default</c>) holds no reference: retaining, releasing or quarantining it does nothing, its span is empty and its
/// pointer null.
/// </para>
/// <para>All members may be called from any thread.</para>
/// </remarks>
public readonly unsafe struct BufferLease : IEquatable<BufferLease>
{
    private readonly BufferBlock? _block;
    private readonly long _generation;
    private readonly int _offset;
    private readonly int _length;

    internal BufferLease(BufferBlock block, long generation, int offset, int length)
    {
        _block = block;
        _generation = generation;
        _offset = offset;
        _length = length;
    }

    /// <summary>True for <c>default(BufferLease)</c>, which refers to nothing and holds no reference.</summary>
    public bool IsEmpty => _block is null;

    /// <summary>Length of this slice in bytes.</summary>
    public int Length => _length;

    /// <summary>The bytes. Valid while the caller (or somebody the caller waits for) holds a reference.</summary>
    /// <exception cref="ObjectDisposedException">The block was released since the lease was made.</exception>
    public Span<byte> Span => new(Pointer, _length);

    /// <summary>
    /// The bytes as <see cref="System.Memory{T}"/>; pinned by construction. Does not allocate. A <see cref="System.Memory{T}"/> kept after
    /// the release carries no generation: it is refused only while the block is free.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The block was released since the lease was made.</exception>
    public Memory<byte> Memory
    {
        get
        {
            BufferBlock? block = _block;
            if (block is null)
            {
                return default;
            }

            if (!block.IsCurrent(_generation))
            {
                BufferBlock.ThrowStale();
            }

            return block.Slice(_offset, _length);
        }
    }

    /// <summary>Address of the first byte, stable for the life of the pool.</summary>
    /// <exception cref="ObjectDisposedException">The block was released since the lease was made.</exception>
    public byte* Pointer
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            BufferBlock? block = _block;
            if (block is null)
            {
                return null;
            }

            if (!block.IsCurrent(_generation))
            {
                BufferBlock.ThrowStale();
            }

            return block.Pointer + _offset;
        }
    }

    /// <summary>
    /// Somebody holds a reference to the block besides the caller, who holds exactly one; or its memory is quarantined, and may be read by kernel or adapter. False
    /// stays false until the caller lets others at the lease: nobody else is left to retain it.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The block was released since the lease was made.</exception>
    public bool IsShared => _block is { } block && block.IsShared(_generation);

    /// <summary>The slab the block was cut from: what an RDMA transport registers as one memory region.</summary>
    /// <exception cref="InvalidOperationException">The lease is empty.</exception>
    public BufferSlab Slab => _block is { } block ? block.Slab : throw new InvalidOperationException("An empty lease has no slab.");

    /// <summary>A part of this lease that shares (does not add to) its references.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside this lease.</exception>
    /// <exception cref="ObjectDisposedException">The block was released since the lease was made.</exception>
    public BufferLease Slice(int offset, int length)
    {
        if ((ulong)(uint)offset + (uint)length > (uint)_length)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), $"[{offset}, +{length}) is not inside a lease of {_length} bytes.");
        }

        if (_block is not { } block)
        {
            return default;
        }

        if (!block.IsCurrent(_generation))
        {
            BufferBlock.ThrowStale();
        }

        return new BufferLease(block, _generation, _offset + offset, length);
    }

    /// <summary>Adds a reference and returns this lease.</summary>
    /// <exception cref="ObjectDisposedException">The block was released since the lease was made.</exception>
    /// <exception cref="InvalidOperationException">There are more than a million references.</exception>
    public BufferLease Retain()
    {
        _block?.Retain(_generation);
        return this;
    }

    /// <summary>
    /// Gives back one reference; the last one returns the block to its pool, and may call <see cref="BufferWaiter.OnRented"/> of those
    /// who waited for it.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The block was released since the lease was made.</exception>
    public void Release() => _block?.Release(_generation, quarantine: false);

    /// <summary>
    /// Gives back one reference of memory that the kernel or an adapter may still read: when the last reference goes, the block
    /// is never reused (invariant I8). Counted by the pool's gauges.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The block was released since the lease was made.</exception>
    public void Quarantine() => _block?.Release(_generation, quarantine: true);

    /// <summary>
    /// The whole block as an owner for code that knows nothing of leases, such as pipes. Takes over the caller's reference; disposing it, exactly once,
    /// gives that back.
    /// </summary>
    internal IMemoryOwner<byte> AsMemoryOwner() => _block ?? throw new InvalidOperationException("An empty lease has no block.");

    /// <summary>The lease that <paramref name="memory"/> is a part of, sharing the reference of whoever keeps that memory rented.</summary>
    internal static bool TryFrom(ReadOnlyMemory<byte> memory, out BufferLease lease)
    {
        bool found = MemoryMarshal.TryGetMemoryManager(memory, out BufferBlock? block, out int start, out int length);
        lease = found ? new BufferLease(block!, block!.Generation, start, length) : default;
        return found;
    }

    /// <inheritdoc/>
    public bool Equals(BufferLease other) =>
        _block == other._block && _generation == other._generation && _offset == other._offset && _length == other._length;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BufferLease other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_block, _generation, _offset, _length);

    /// <summary>Same block, generation and range.</summary>
    public static bool operator ==(BufferLease left, BufferLease right) => left.Equals(right);

    /// <summary>Different block, generation or range.</summary>
    public static bool operator !=(BufferLease left, BufferLease right) => !left.Equals(right);
}
