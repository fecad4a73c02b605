namespace Nvmf.Abstractions.Buffers;

/// <summary>Native, page-aligned, bounded memory for everything that kernel or adapter may read or write.</summary>
/// <remarks>
/// <para>All members may be called from any thread. Renting and releasing a free block takes no lock and allocates nothing.</para>
/// <para>
/// Slabs of 2 MiB are cut into blocks of 4, 16, 64, 128, 256 KiB or 1 MiB, and a length costs one block of the smallest size that
/// holds it. At the limit, a slab without rented blocks is cut anew for another size, and then a larger free block is given rather
/// than none. What is rented together is best rented at once: somebody who waits while holding buffers can wait for themselves.
/// </para>
/// <para>
/// The limit has two parts with slabs of their own. <see cref="BufferPriority.Administration"/> rents from the general part while
/// that has anything, then from the reserve; <see cref="BufferPriority.InputOutput"/> never sees the reserve. A block goes back to the
/// part it came from, so what Administration gives back to an exhausted reserve waits there for Administration. The reserve is for
/// getting over a shortage; who keeps buffers of it for long uses it up for all of Administration, not for I/O.
/// </para>
/// <para>
/// Users that must not take the memory from each other rent within a <see cref="BufferShare"/> each.
/// </para>
/// </remarks>
public sealed partial class BufferPool : IDisposable
{
    // Bits of _gate: reasons to take the lock before renting.
    private const int InputOutputWaits = 1;
    private const int AdministrationWaits = 2;
    private const int Disposed = 4;

    private readonly Lock _lock = new();
    private readonly BufferSlabTable _slabs;
    private readonly BufferPartition _general;
    private readonly BufferPartition _reserve;
    private readonly bool _poison;
    private int _gate;
    private long _poisonViolations;

    /// <summary>Creates an empty pool; slabs are allocated on demand.</summary>
    /// <exception cref="ArgumentException">The limit does not leave at least 4 KiB beside the reserve, or is above 4 TiB.</exception>
    public BufferPool(BufferPoolOptions? options = null)
    {
        options ??= new BufferPoolOptions();
        long reserve = options.ReserveInBytes;
        long general = options.LimitInBytes - reserve;
        if (reserve < 0 || general < BufferSizeClass.Smallest || options.LimitInBytes > 4L << 40)
        {
            throw new ArgumentException(
                $"A buffer pool's limit ({options.LimitInBytes} bytes) must be at most 4 TiB and leave at least {BufferSizeClass.Smallest} bytes beside its reserve ({reserve} bytes).",
                nameof(options));
        }

        _poison = options.Poison;
        _shareable = general;
        _slabs = new BufferSlabTable(BufferPartition.SlabsFor(general) + BufferPartition.SlabsFor(reserve));
        _general = new BufferPartition(this, _slabs, general, isReserve: false);
        _reserve = new BufferPartition(this, _slabs, reserve, isReserve: true);
        MaxLength = BufferSizeClass.Size(BufferSizeClass.LargestWithin(general));
    }

    /// <summary>Largest length that <see cref="TryRent(int, BufferPriority, out BufferLease)"/> can give, in bytes: 1 MiB unless the limit is smaller.</summary>
    public int MaxLength { get; }

    /// <summary>Rents a lease of exactly <paramref name="length"/> bytes with one reference, owned by the caller.</summary>
    /// <returns>False when the limit is reached, or when others are already waiting for their turn.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is not in 1..<see cref="MaxLength"/>.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public bool TryRent(int length, BufferPriority priority, out BufferLease lease) =>
        TryRent(length, priority, share: null, out lease);

    /// <summary>
    /// Rents now, or queues <paramref name="waiter"/> for its turn. Turns are strictly first come, first served within a priority,
    /// and nobody of <see cref="BufferPriority.InputOutput"/> gets a turn while somebody of <see cref="BufferPriority.Administration"/> waits.
    /// </summary>
    /// <returns>True: <paramref name="lease"/> is valid. False: <see cref="BufferWaiter.OnRented"/> will be called (it may be, before this returns).</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is not in 1..<see cref="MaxLength"/>.</exception>
    /// <exception cref="InvalidOperationException"><paramref name="waiter"/> waits already.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public bool RentOrWait(int length, BufferPriority priority, BufferWaiter waiter, out BufferLease lease) =>
        RentOrWait(length, priority, share: null, waiter, out lease);

    /// <summary>All slabs so far.</summary>
    public IReadOnlyList<BufferSlab> Slabs => _slabs.All;

    /// <summary>
    /// Called on the renting thread, before any block of a new slab is handed out. The pool's lock is held: a handler may register the
    /// memory and look at <see cref="Slabs"/>, but must not rent, must not wait for a thread that does, and must not throw. To miss none, subscribe first,
    /// then go through <see cref="Slabs"/>; a slab can then be seen twice.
    /// </summary>
    public event Action<BufferSlab>? SlabAdded;

    /// <summary>
    /// A free block was found written to (<see cref="BufferPoolOptions.Poison"/>). Called on the thread that rents it, cuts it anew or disposes the pool.
    /// </summary>
    public event Action<BufferPoisonViolation>? PoisonViolated;

    private void CheckLength(int length)
    {
        if ((uint)(length - 1) >= (uint)MaxLength)
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, $"A buffer has 1 to {MaxLength} bytes.");
        }
    }

    private bool TryRentFree(int length, BufferPriority priority, BufferShare? share, out BufferLease lease)
    {
        lease = default;
        if ((Volatile.Read(ref _gate) & GateFor(priority)) != 0)
        {
            return false;
        }

        bool rented = _general.TryPop(BufferSizeClass.Of(length), out BufferBlock? block, out bool relisted);
        if (rented)
        {
            lease = Lend(block!, length, share);
        }

        if (relisted)
        {
            ServeWaitersIfAny();
        }

        return rented;
    }

    private static int GateFor(BufferPriority priority) =>
        priority == BufferPriority.Administration ? AdministrationWaits | Disposed : AdministrationWaits | InputOutputWaits | Disposed;

    private BufferLease Lend(BufferBlock block, int length, BufferShare? share)
    {
        CheckPoison(block);
        if (share is not null)
        {
            block.Share = share;
            block.Charge = ChargeFor(length);
        }

        return new BufferLease(block, block.Lend(), 0, length);
    }

    /// <summary>The last reference of a block is gone, and its generation has moved on: it is the caller's alone.</summary>
    internal void Return(BufferBlock block, bool quarantined)
    {
        if (quarantined)
        {
            // Still charged: it is not there for others.
            block.Slab.AddQuarantined();
            return;
        }

        BufferShare? share = block.Share;
        int charge = block.Charge;

        if (_poison)
        {
            BufferPoison.Fill(block);
        }

        if (share is null)
        {
            block.Slab.Partition.Push(block);
        }
        else
        {
            block.Share = null;
            block.Slab.Partition.Push(block);
            TakeBackCharge(share, charge);
            AdmitIfAnyWaits();
        }

        ServeWaitersIfAny();
    }

    private void CheckPoison(IEnumerable<BufferBlock> blocks)
    {
        foreach (BufferBlock block in blocks)
        {
            CheckPoison(block);
        }
    }

    /// <summary>For blocks free and in our hands.</summary>
    private void CheckPoison(BufferBlock block)
    {
        if (_poison && BufferPoison.Check(block) is { } violation)
        {
            Interlocked.Increment(ref _poisonViolations);
            PoisonViolated?.Invoke(violation);
        }
    }
}
