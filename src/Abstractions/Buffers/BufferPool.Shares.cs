using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Buffers;

/// <summary>Fair shares: who may take more, and who has to wait until others have their part.</summary>
public sealed partial class BufferPool
{
    /// <summary>Who has memory may have one part for as many that are free. The more parts, the more users it takes to exhaust the pool.</summary>
    private const int FreeParts = 16;

    private readonly List<BufferShare> _waitingShares = [];
    private readonly long _shareable;
    private PaddedCounter _charged;
    private int _waitingShareCount;

    /// <summary>Makes a share, to be used by one user of the pool. It needs no disposal.</summary>
    public BufferShare CreateShare() => new(this);

    /// <summary>Rents as <see cref="TryRent(int, BufferPriority, out BufferLease)"/> does, within a share.</summary>
    /// <param name="length">Bytes, 1..<see cref="MaxLength"/>.</param>
    /// <param name="priority">Which part of the limit may be used.</param>
    /// <param name="share">A share of this pool; null for memory that does not count.</param>
    /// <param name="lease">The memory, with one reference.</param>
    /// <returns>False when the limit or the share is reached, or when others are already waiting for their turn.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is out of its range.</exception>
    /// <exception cref="ArgumentException"><paramref name="share"/> is another pool's.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public bool TryRent(int length, BufferPriority priority, BufferShare? share, out BufferLease lease)
    {
        CheckShare(share);
        CheckLength(length);
        lease = default;
        if (share is null)
        {
            return TryRentFree(length, priority, share: null, out lease) || TryRentSlowly(length, priority, share: null, waiter: null, out lease);
        }

        int bytes = ChargeFor(length);
        if (TryCharge(share, bytes))
        {
            if (TryRentFree(length, priority, share, out lease) || TryRentSlowly(length, priority, share, waiter: null, out lease))
            {
                return true;
            }

            TakeBackCharge(share, bytes);
        }

        // A charge that was taken back at once may have kept somebody else from theirs.
        AdmitIfAnyWaits();
        ServeWaitersIfAny();
        return false;
    }

    /// <summary>
    /// Rents as <see cref="RentOrWait(int, BufferPriority, BufferWaiter, out BufferLease)"/> does, within a share. Who is over the share waits until others released
    /// enough, in the order of the share's requests, and only then takes a turn in the pool's queue.
    /// </summary>
    /// <inheritdoc cref="TryRent(int, BufferPriority, BufferShare?, out BufferLease)"/>
    /// <returns>True: <paramref name="lease"/> is valid. False: <see cref="BufferWaiter.OnRented"/> will be called (it may be, before this returns).</returns>
    /// <exception cref="InvalidOperationException"><paramref name="waiter"/> waits already.</exception>
    public bool RentOrWait(int length, BufferPriority priority, BufferShare? share, BufferWaiter waiter, out BufferLease lease)
    {
        ArgumentNullException.ThrowIfNull(waiter);
        CheckShare(share);
        CheckLength(length);

        // Before anything is charged, which a throw would not take back.
        ThrowIfWaiting(waiter);
        if (share is null || TryCharge(share, ChargeFor(length)))
        {
            return TryRentFree(length, priority, share, out lease) || TryRentSlowly(length, priority, share, waiter, out lease);
        }

        lease = default;
        lock (_lock)
        {
            PrepareToWait(waiter, length, priority, share);
            waiter.WaitsInShare = true;
            share.Waiting.Add(waiter);
            if (share.Waiting.Count == 1)
            {
                _waitingShares.Add(share);

                // A full fence between this and the look at the counters: either we see a charge taken back meanwhile, or who took it back sees us.
                Interlocked.Increment(ref _waitingShareCount);
            }

            Admit();
        }

        ServeWaitersIfAny();
        return false;
    }

    private static int ChargeFor(int length) => BufferSizeClass.Size(BufferSizeClass.Of(length));

    private void CheckShare(BufferShare? share)
    {
        if (share is not null && share.Pool != this)
        {
            throw new ArgumentException("The share is another pool's.", nameof(share));
        }
    }

    /// <summary>Charges unless that leaves too little for others.</summary>
    private bool TryCharge(BufferShare share, int bytes)
    {
        long held = Interlocked.Add(ref share.Held, bytes);
        long charged = Interlocked.Add(ref _charged.Value, bytes);
        long free = _shareable - charged;

        // Nobody has anything: or else what is larger than half of the pool would wait for ever.
        bool first = held == bytes && (bytes <= free || charged == bytes);
        if (first || held <= free / FreeParts)
        {
            return true;
        }

        TakeBackCharge(share, bytes);
        return false;
    }

    private void TakeBackCharge(BufferShare share, int bytes)
    {
        Interlocked.Add(ref share.Held, -bytes);
        Interlocked.Add(ref _charged.Value, -bytes);
    }

    private void AdmitIfAnyWaits()
    {
        if (Volatile.Read(ref _waitingShareCount) != 0)
        {
            lock (_lock)
            {
                Admit();
            }
        }
    }

    /// <summary>Moves requests that may be charged now from their shares to the pool's queue. Under the lock.</summary>
    private void Admit()
    {
        for (int i = 0; i < _waitingShares.Count;)
        {
            BufferShare share = _waitingShares[i];
            while (share.Waiting.First is { } waiter && TryCharge(share, ChargeFor(waiter.Length)))
            {
                share.Waiting.Remove(waiter);
                waiter.WaitsFor = this;
                waiter.WaitsInShare = false;
                QueueFor(waiter.Priority).Add(waiter);
            }

            if (!RemoveIfNoneWaits(share))
            {
                i++;
            }
        }

        UpdateGate();
    }

    private bool RemoveIfNoneWaits(BufferShare share)
    {
        if (share.Waiting.Count != 0)
        {
            return false;
        }

        _waitingShares.Remove(share);
        Interlocked.Decrement(ref _waitingShareCount);
        return true;
    }

    // Alone on its cache lines: written by every rent and release within a share.
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct PaddedCounter
    {
        [FieldOffset(56)]
        public long Value;
    }
}
