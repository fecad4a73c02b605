using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Queues;

/// <summary>Memory for the command's data. A command rents once: who holds memory never waits for more.</summary>
internal sealed partial class CommandSlot
{
    private readonly SlotBufferWaiter _waiter;
    private BufferLease _rented;
    private BufferLease _separateScratch;
    private bool _receivesAfterTurn;
    private int _scratchLength;

    /// <summary>The host's data: in the capsule, or fetched into <see cref="Buffer"/>. Valid in OnHostData and later.</summary>
    public BufferLease HostData { get; private set; }

    /// <summary>Scratch memory asked for with <see cref="ReceiveHostData"/>.</summary>
    public BufferLease Scratch { get; private set; }

    /// <summary>
    /// Makes sure that <see cref="Buffer"/> has <paramref name="length"/> bytes.
    /// </summary>
    /// <returns>False: a turn is awaited, <see cref="CommandExecutor.Start"/> will be called again.</returns>
    public bool EnsureBuffer(int length)
    {
        if (!_buffer.IsEmpty)
        {
            return true;
        }

        _receivesAfterTurn = false;
        return Rent(length);
    }

    /// <summary>
    /// Gets the command's data, <see cref="Abstractions.Connections.QueuePairCommand.DataLength"/> bytes, and <paramref name="scratchLength"/> bytes of
    /// scratch, then calls <see cref="CommandExecutor.OnHostData"/>.
    /// </summary>
    public void ReceiveHostData(int scratchLength = 0)
    {
        _scratchLength = scratchLength;
        BufferLease inCapsule = Command.InCapsuleData;
        int length = (inCapsule.IsEmpty ? (int)Command.DataLength : 0) + scratchLength;
        _receivesAfterTurn = true;
        if (length == 0 || Rent(length))
        {
            ReceiveIntoBuffer();
        }
    }

    /// <summary>Rents <see cref="Scratch"/> if there is memory at this moment. Not charged to the queue: no host can keep it.</summary>
    public bool TryRentScratch(int length)
    {
        if (!Queue.Pool.TryRent(length, Queue.BufferPriority, out _separateScratch))
        {
            return false;
        }

        Scratch = _separateScratch;
        return true;
    }

    /// <summary>Ended by the transport. Nothing when the command was dropped meanwhile.</summary>
    public void OnDataReceived(NvmeStatus status)
    {
        if (Stage != SlotStage.ReceivingData)
        {
            if (Stage != SlotStage.ReceivingToFail)
            {
                return;
            }

            status = NvmeStatus.AbortedPreemptAndAbort;
        }

        Stage = SlotStage.Running;
        Queue.RemovePending(this);
        if (status.IsSuccess)
        {
            Executor.OnHostData(this, in Command.Entry);
        }
        else
        {
            Executor.OnHostDataFailed(this, status);
        }
    }

    private void ReceiveIntoBuffer()
    {
        int dataLength = (int)Command.DataLength;
        BufferLease inCapsule = Command.InCapsuleData;
        bool fetch = inCapsule.IsEmpty;
        HostData = fetch ? _buffer.Slice(0, dataLength) : inCapsule;
        Scratch = _scratchLength != 0 ? _buffer.Slice(fetch ? dataLength : 0, _scratchLength) : default;
        if (!fetch)
        {
            Executor.OnHostData(this, in Command.Entry);
            return;
        }

        // Before the call: the data may be there before it returns.
        Stage = SlotStage.ReceivingData;
        Queue.AddPending(this);
        Command.ReceiveData(HostData);
    }

    private bool Rent(int length)
    {
        // Before the call: the turn may come before it returns.
        Stage = SlotStage.WaitingForBuffer;
        if (!Queue.Pool.RentOrWait(length, Queue.BufferPriority, Queue.BufferShare, _waiter, out _buffer))
        {
            Queue.AddPending(this);
            return false;
        }

        Stage = SlotStage.Running;
        return true;
    }

    private void OnBufferTurn()
    {
        _buffer = _rented;
        _rented = default;
        if (Queue.IsQuiescing)
        {
            Drop();
        }
        else if (IsPreempted)
        {
            Executor.OnHostDataFailed(this, NvmeStatus.AbortedPreemptAndAbort);
        }
        else if (_receivesAfterTurn)
        {
            ReceiveIntoBuffer();
        }
        else
        {
            Executor.Start(this, in Command.Entry);
        }
    }

    private void ReleaseBuffer()
    {
        if (!_buffer.IsEmpty)
        {
            Release(ref _buffer);
        }

        if (!_separateScratch.IsEmpty)
        {
            Release(ref _separateScratch);
        }

        if (LentBytes != 0)
        {
            ReleaseLent();
        }
    }

    private static void Release(ref BufferLease lease)
    {
        BufferLease released = lease;
        lease = default;
        released.Release();
    }

    /// <summary>The pool allows one base class per waiter, and the slot has one already.</summary>
    private sealed class SlotBufferWaiter(CommandSlot slot) : BufferWaiter
    {
        protected internal override void OnRented(BufferLease lease)
        {
            slot._rented = lease;
            slot.PostToLoop();
        }
    }
}
