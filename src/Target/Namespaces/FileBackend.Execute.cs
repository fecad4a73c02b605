using Nvmf.Abstractions.Fabrics;
using Nvmf.EventLoop.Native;
using Nvmf.Target.Namespaces.Internal;

namespace Nvmf.Target.Namespaces;

/// <summary>On the threads of this back end: may wait for the disk.</summary>
public sealed unsafe partial class FileBackend
{
    private const int OptimisticReads = 3;

    private void Execute(BackendRequest request)
    {
        if (request == _flushWork)
        {
            Flush();
            return;
        }

        NvmeStatus status;
        bool flushBehind = false;
        try
        {
            long offset = (long)request.StartBlock * BlockSize;
            long length = (long)request.BlockCount * BlockSize;
            status = request.Operation switch
            {
                BackendOperation.Read => Read(request, offset, length),
                BackendOperation.Write => Write(request, offset, length, out flushBehind),
                BackendOperation.WriteZeroes => WriteZeroes(request, offset, length, out flushBehind),
                BackendOperation.Deallocate => Deallocate(offset, length),
                BackendOperation.CompareAndWrite => CompareAndWrite(request, offset, (int)length, out flushBehind),
                _ => NvmeStatus.InternalError,
            };
        }
        catch (Exception exception) when (exception is ObjectDisposedException or IOException)
        {
            // Disposed too early, or a lease given back too early: the submitter's mistake must not take the process down.
            status = NvmeStatus.InternalError;
        }

        if (flushBehind && status.IsSuccess)
        {
            EnqueueFlush(request);
        }
        else
        {
            request.Complete(status);
        }
    }

    private NvmeStatus Read(BackendRequest request, long offset, long length)
    {
        byte* destination = request.Data.Pointer + request.BytesDone;
        offset += request.BytesDone;
        length -= request.BytesDone;
        long unit = BlockRangeLocks.UnitOf(offset);
        int units = BlockRangeLocks.CountOf(offset, length);
        NvmeStatus status;
        for (int attempt = 0; attempt < OptimisticReads; attempt++)
        {
            if (_locks.TryBeginRead(unit, units, out long version))
            {
                status = ReadFully(destination, offset, length);
                if (_locks.EndRead(unit, units, version))
                {
                    return status;
                }
            }
        }

        // A writer is inside, or they keep coming: take a turn like one of them.
        _locks.Enter(unit, units, maySleep: true);
        status = ReadFully(destination, offset, length);
        _locks.Exit(unit, units);
        return status;
    }

    private NvmeStatus ReadFully(byte* destination, long offset, long length)
    {
        while (length > 0)
        {
            nint result = _device.Read(destination, (nint)length, offset);
            if (result == -Errno.EINTR)
            {
                continue;
            }

            if (result < 0)
            {
                return FileError.OfRead(result);
            }

            if (result == 0)
            {
                // Somebody cut the file off.
                return offset + length > Volatile.Read(ref _size) ? NvmeStatus.LbaOutOfRange.WithDoNotRetry() : NvmeStatus.UnrecoveredReadError;
            }

            destination += result;
            offset += result;
            length -= result;
        }

        return NvmeStatus.Success;
    }

    private NvmeStatus Write(BackendRequest request, long offset, long length, out bool flushBehind)
    {
        flushBehind = false;
        if (request.ForceUnitAccess && SyncFailure != null)
        {
            return SyncFailureStatus;
        }

        byte* source = request.Data.Pointer + request.BytesDone;
        offset += request.BytesDone;
        length -= request.BytesDone;
        long unit = BlockRangeLocks.UnitOf(offset);
        int units = BlockRangeLocks.CountOf(offset, length);
        _locks.Enter(unit, units, maySleep: true);
        NvmeStatus status = Store(source, offset, length, request.ForceUnitAccess, out flushBehind);
        _locks.Exit(unit, units);
        return status;
    }

    private NvmeStatus CompareAndWrite(BackendRequest request, long offset, int length, out bool flushBehind)
    {
        flushBehind = false;
        if (request.ForceUnitAccess && SyncFailure != null)
        {
            return SyncFailureStatus;
        }

        byte* stored = stackalloc byte[MaxBlockSize];
        long unit = BlockRangeLocks.UnitOf(offset);
        _locks.Enter(unit, 1, maySleep: true);
        NvmeStatus status = ReadFully(stored, offset, length);
        if (status.IsSuccess)
        {
            status = request.Data.Span[..length].SequenceEqual(new ReadOnlySpan<byte>(stored, length))
                ? Store(request.Data.Pointer + length, offset, length, request.ForceUnitAccess, out flushBehind)
                : NvmeStatus.CompareFailure.WithDoNotRetry();
        }

        _locks.Exit(unit, 1);
        return status;
    }

    /// <summary>The caller holds the range.</summary>
    private NvmeStatus Store(byte* source, long offset, long length, bool durably, out bool flushBehind)
    {
        flushBehind = false;
        if (offset + length > Volatile.Read(ref _size))
        {
            return NvmeStatus.LbaOutOfRange.WithDoNotRetry();
        }

        if (durably && TryWriteDurably(source, offset, length))
        {
            return NvmeStatus.Success;
        }

        flushBehind = durably;
        return WriteFully(source, offset, length);
    }

    /// <summary>
    /// Write and sync in one call, where the system has it. After any error the caller writes again and flushes: only a flush can tell lost
    /// data from a full disk, and the system reports an error of the sync to it too, since it goes by another descriptor.
    /// </summary>
    private bool TryWriteDurably(byte* source, long offset, long length)
    {
        while (length > 0 && _canWriteDurably)
        {
            nint result = _device.Write(source, (nint)length, offset, durable: true);
            if (result <= 0 && result != -Errno.EINTR)
            {
                if (FileError.IsUnsupported(result))
                {
                    _canWriteDurably = false;
                }

                return false;
            }

            nint written = Math.Max(result, 0);
            source += written;
            offset += written;
            length -= written;
        }

        return length == 0;
    }

    private NvmeStatus WriteFully(byte* source, long offset, long length)
    {
        nint result = 1;
        while (length > 0)
        {
            result = _device.Write(source, (nint)length, offset, durable: false);
            if (result == -Errno.EINTR)
            {
                continue;
            }

            if (result <= 0)
            {
                break;
            }

            source += result;
            offset += result;
            length -= result;
        }

        MarkDirty();
        return length == 0 ? NvmeStatus.Success : FileError.OfWrite(result);
    }
}
