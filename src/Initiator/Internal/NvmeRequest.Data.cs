using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator.Internal;

/// <summary>
/// The data of a request: the caller's lease, or a lease of our own with a copy from or to the caller's memory.
/// </summary>
/// <remarks>
/// The transport works on the lease alone. Memory of the caller is read before the command is sent and written after the command was
/// released, so it is never exposed to a late transmission.
/// </remarks>
internal sealed partial class NvmeRequest
{
    private ReadOnlyMemory<byte> _source;
    private Memory<byte> _destinationMemory;
    private int _roomLength;

    /// <summary>The caller's lease; a reference is held until the request has ended, whatever the caller does with its own.</summary>
    public void UseLease(BufferLease data, DataDirection direction)
    {
        if (data.IsEmpty)
        {
            return;
        }

        Data = data.Retain();
        Direction = direction;
    }

    public void UseSource(ReadOnlyMemory<byte> source)
    {
        if (source.IsEmpty)
        {
            return;
        }

        _source = source;
        _roomLength = source.Length;
        Direction = DataDirection.HostToController;
    }

    public void UseDestination(Memory<byte> destination)
    {
        if (destination.IsEmpty)
        {
            return;
        }

        _destinationMemory = destination;
        _roomLength = destination.Length;
        Direction = DataDirection.ControllerToHost;
    }

    /// <summary>Gets the lease the request needs, now or later. On the loop.</summary>
    /// <returns>False: the request comes back through the inbox when the lease is there.</returns>
    public bool RentRoom(BufferPool pool)
    {
        if (_roomLength == 0)
        {
            return true;
        }

        var priority = _destination!.Id == 0 ? BufferPriority.Administration : BufferPriority.InputOutput;
        if (!pool.RentOrWait(_roomLength, priority, _roomWaiter, out var room))
        {
            return false;
        }

        Data = room;
        return true;
    }

    /// <returns>False: a lease is on its way, and the request comes back with it.</returns>
    public bool TryWithdrawFromPool(BufferPool pool) => pool.CancelWait(_roomWaiter);

    /// <summary>Copies the caller's memory into the lease. On the loop, before the command is sent.</summary>
    public void FillRoom()
    {
        if (!_source.IsEmpty)
        {
            _source.Span.CopyTo(Data.Span);
        }
        else if (_roomLength > 0 && _destination!.Id == 0)
        {
            // An admin command may succeed without data, and over RDMA nobody can tell: what the last user of the lease left is not the answer.
            Data.Span.Clear();
        }
    }

    private void FinishData(bool success)
    {
        if (success && !_destinationMemory.IsEmpty)
        {
            Data.Span.CopyTo(_destinationMemory.Span);
        }

        if (!Data.IsEmpty)
        {
            Data.Release();
        }

        Data = default;
        _source = default;
        _destinationMemory = default;
        _roomLength = 0;
    }

    private sealed class RoomWaiter(NvmeRequest request) : BufferWaiter
    {
        protected internal override void OnRented(BufferLease lease)
        {
            request.Data = lease;
            request._destination!.Enqueue(request);
        }
    }
}
