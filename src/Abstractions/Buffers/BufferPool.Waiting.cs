using System.Runtime.ExceptionServices;

namespace Nvmf.Abstractions.Buffers;

/// <summary>The slow path: whoever finds no free block, or finds others waiting.</summary>
public sealed partial class BufferPool
{
    [ThreadStatic]
    private static BufferPool? _servedHere;

    private readonly BufferWaiterQueue _inputOutput = new();
    private readonly BufferWaiterQueue _administration = new();

    /// <summary>Withdraws a waiter.</summary>
    /// <returns>
    /// True: <see cref="BufferWaiter.OnRented"/> will not be called. False: it was, or is being, called (or the waiter never waited here).
    /// </returns>
    public bool CancelWait(BufferWaiter waiter)
    {
        ArgumentNullException.ThrowIfNull(waiter);
        lock (_lock)
        {
            if (waiter.WaitsFor != this)
            {
                return false;
            }

            Withdraw(waiter);
            Admit();
        }

        // A large request at the head may have held up small ones that can be served.
        ServeWaiters();
        return true;
    }

    private void Withdraw(BufferWaiter waiter)
    {
        if (waiter.WaitsInShare)
        {
            waiter.Share!.Waiting.Remove(waiter);
            RemoveIfNoneWaits(waiter.Share);
            return;
        }

        QueueFor(waiter.Priority).Remove(waiter);
        if (waiter.Share is { } share)
        {
            TakeBackCharge(share, ChargeFor(waiter.Length));
        }
    }

    /// <summary>Under the lock; the caller adds it to a queue.</summary>
    private void PrepareToWait(BufferWaiter waiter, int length, BufferPriority priority, BufferShare? share)
    {
        ObjectDisposedException.ThrowIf((_gate & Disposed) != 0, this);
        ThrowIfWaiting(waiter);
        waiter.WaitsFor = this;
        waiter.WaitsInShare = false;
        waiter.Length = length;
        waiter.Priority = priority;
        waiter.Share = share;
    }

    private static void ThrowIfWaiting(BufferWaiter waiter)
    {
        if (waiter.WaitsFor is not null)
        {
            throw new InvalidOperationException("The waiter waits already.");
        }
    }

    private BufferWaiterQueue QueueFor(BufferPriority priority) =>
        priority == BufferPriority.Administration ? _administration : _inputOutput;

    private bool TryRentSlowly(int length, BufferPriority priority, BufferShare? share, BufferWaiter? waiter, out BufferLease lease)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf((_gate & Disposed) != 0, this);
            if (waiter is not null)
            {
                ThrowIfWaiting(waiter);
            }

            bool othersFirst = _administration.Count != 0 || (priority == BufferPriority.InputOutput && _inputOutput.Count != 0);
            if (!othersFirst && TryTake(length, priority, share, out lease))
            {
                return true;
            }

            lease = default;
            if (waiter is null)
            {
                return false;
            }

            RacePoint.Pass(RaceMoment.Queueing);
            PrepareToWait(waiter, length, priority, share);
            QueueFor(priority).Add(waiter);
            UpdateGate();

            // Released between our look and the closing of the gate? Then nobody else will come for it.
            if (othersFirst || !TryTake(length, priority, share, out lease))
            {
                return false;
            }

            QueueFor(priority).Remove(waiter);
            UpdateGate();
            return true;
        }
    }

    /// <summary>
    /// After blocks became visible on a list, which is a full fence. So is a waiter's closing of the gate before its last look at the
    /// lists: either it sees those blocks, or we see the gate closed.
    /// </summary>
    private void ServeWaitersIfAny()
    {
        if ((Volatile.Read(ref _gate) & (AdministrationWaits | InputOutputWaits)) != 0)
        {
            ServeWaiters();
        }
    }

    /// <summary>Gives free blocks to waiters in their order, until the next one's turn cannot come yet.</summary>
    private void ServeWaiters()
    {
        if (_servedHere == this)
        {
            // OnRented released something: the loop below us on the stack goes on with it, at constant depth.
            return;
        }

        BufferPool? outer = _servedHere;
        _servedHere = this;
        ExceptionDispatchInfo? error = null;
        while (TryServeNext(out BufferWaiter? waiter, out BufferLease lease))
        {
            try
            {
                waiter!.OnRented(lease);
            }
            catch (Exception exception)
            {
                // Others still wait for us to go on.
                error ??= ExceptionDispatchInfo.Capture(exception);
            }
        }

        _servedHere = outer;
        error?.Throw();
    }

    private bool TryServeNext(out BufferWaiter? waiter, out BufferLease lease)
    {
        lock (_lock)
        {
            waiter = _administration.First ?? _inputOutput.First;
            if (waiter is null || (_gate & Disposed) != 0 || !TryTake(waiter.Length, waiter.Priority, waiter.Share, out lease))
            {
                lease = default;
                return false;
            }

            QueueFor(waiter.Priority).Remove(waiter);
            UpdateGate();
            return true;
        }
    }

    private void UpdateGate()
    {
        int gate = (_gate & Disposed)
            | (_administration.Count != 0 ? AdministrationWaits : 0)
            | (_inputOutput.Count != 0 ? InputOutputWaits : 0);
        Interlocked.Exchange(ref _gate, gate);
    }
}
