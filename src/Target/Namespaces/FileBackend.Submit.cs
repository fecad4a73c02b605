using Nvmf.Abstractions.Fabrics;
using Nvmf.EventLoop.Native;
using Nvmf.Target.Namespaces.Internal;

namespace Nvmf.Target.Namespaces;

/// <summary>On the event loop: what the page cache answers at once; all else is handed over.</summary>
public sealed unsafe partial class FileBackend
{
    // Turned off by the first answer that says so; racing writers agree.
    private bool _canReadNow = true;
    private bool _canWriteNow = true;
    private bool _disposed;

    /// <inheritdoc/>
    public override bool Submit(BackendRequest request, out NvmeStatus status)
    {
        if (!TryGetRange(request, out long offset, out long length, out status))
        {
            return true;
        }

        if (request.Operation == BackendOperation.Flush)
        {
            return SubmitFlush(request, out status);
        }

        if (length == 0)
        {
            return true;
        }

        if (Volatile.Read(ref _disposed))
        {
            // Against the contract, but an answer is better than silence.
            status = NvmeStatus.InternalError;
            return true;
        }

        request.BytesDone = 0;
        bool done = request.Operation switch
        {
            BackendOperation.Read when _canReadNow => TryReadNow(request, offset, length),
            BackendOperation.Write when _canWriteNow && !request.ForceUnitAccess => TryWriteNow(request, offset, length),
            _ => false,
        };
        if (!done)
        {
            _workers.Enqueue(request);
        }

        return done;
    }

    private bool TryReadNow(BackendRequest request, long offset, long length)
    {
        long unit = BlockRangeLocks.UnitOf(offset);
        int units = BlockRangeLocks.CountOf(offset, length);
        if (!_locks.TryBeginRead(unit, units, out long version))
        {
            return false;
        }

        nint result = _device.ReadNow(request.Data.Pointer, (nint)length, offset);
        if (result < 0)
        {
            if (result != -Errno.EAGAIN && FileError.IsUnsupported(result))
            {
                _canReadNow = false;
            }

            return false;
        }

        if (!_locks.EndRead(unit, units, version))
        {
            return false;
        }

        KeepProgress(request, result);
        return result == length;
    }

    private bool TryWriteNow(BackendRequest request, long offset, long length)
    {
        long unit = BlockRangeLocks.UnitOf(offset);
        int units = BlockRangeLocks.CountOf(offset, length);
        if (!_locks.TryEnter(unit, units))
        {
            return false;
        }

        nint result = 0;
        if (offset + length <= Volatile.Read(ref _size))
        {
            result = WriteWholeBlocksNow(request.Data.Pointer, (nint)length, offset);
        }

        _locks.Exit(unit, units);
        if (result < 0)
        {
            if (result != -Errno.EAGAIN && FileError.IsUnsupported(result))
            {
                _canWriteNow = false;
            }

            return false;
        }

        MarkDirty();
        KeepProgress(request, result);
        return result == length;
    }

    private nint WriteWholeBlocksNow(byte* source, nint length, long offset)
    {
        nint result = _device.WriteNow(source, length, offset);

        // The page cache stops between pages, that is between blocks. Should it ever stop within one (the source was being swapped out), the
        // block is finished here: waiting is better than showing others half a block.
        if (result > 0 && (result & (BlockSize - 1)) != 0)
        {
            nint rest = BlockSize - (result & (BlockSize - 1));
            if (WriteFully(source + result, offset + result, rest).IsSuccess)
            {
                result += rest;
            }
        }

        return result;
    }

    // A thread goes on at a block's start, so that each block is read or written in one go.
    private void KeepProgress(BackendRequest request, nint bytes) => request.BytesDone = bytes & -BlockSize;
}
