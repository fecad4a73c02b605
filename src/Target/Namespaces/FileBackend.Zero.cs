using Nvmf.Abstractions.Fabrics;
using Nvmf.EventLoop.Native;
using Nvmf.Target.Namespaces.Internal;

namespace Nvmf.Target.Namespaces;

/// <summary>Write Zeroes and Deallocate, piece by piece, so that one of a terabyte does not lock everything.</summary>
public sealed unsafe partial class FileBackend
{
    // As many units as there are stripes would shut out every other request.
    private const long ZeroPiece = (long)BlockRangeLocks.UnitSize * BlockRangeLocks.Stripes / 4;

    private static readonly byte[] Zeroes = GC.AllocateArray<byte>(128 << 10, pinned: true);

    // Turned off by the first answer that says so.
    private bool _canZeroRange = true;
    private bool _canPunchHoles = true;

    private NvmeStatus WriteZeroes(BackendRequest request, long offset, long length, out bool flushBehind)
    {
        flushBehind = request.ForceUnitAccess;
        return request.ForceUnitAccess && SyncFailure != null
            ? SyncFailureStatus
            : ZeroInPieces(offset, length, punch: request.Deallocate, mustZero: true);
    }

    // Only a hint: where holes cannot be had, nothing happens.
    private NvmeStatus Deallocate(long offset, long length) =>
        ZeroInPieces(offset, length, punch: true, mustZero: DeallocatedBlocksReadZeroes);

    private NvmeStatus ZeroInPieces(long offset, long length, bool punch, bool mustZero)
    {
        NvmeStatus status = NvmeStatus.Success;
        long end = offset + length;
        while (offset < end && status.IsSuccess)
        {
            long piece = Math.Min(end - offset, ZeroPiece - (offset & (ZeroPiece - 1)));
            long unit = BlockRangeLocks.UnitOf(offset);
            int units = BlockRangeLocks.CountOf(offset, piece);
            _locks.Enter(unit, units, maySleep: true);
            if (offset + piece > Volatile.Read(ref _size))
            {
                status = NvmeStatus.LbaOutOfRange.WithDoNotRetry();
            }
            else if (!(punch && TryPunch(offset, piece, out status)) && mustZero)
            {
                status = Zero(offset, piece);
            }

            _locks.Exit(unit, units);
            offset += piece;
        }

        MarkDirty();
        return status;
    }

    /// <returns>False: holes cannot be had here, and nothing happened.</returns>
    private bool TryPunch(long offset, long length, out NvmeStatus status)
    {
        status = NvmeStatus.Success;
        if (!_canPunchHoles)
        {
            return false;
        }

        int result;
        do
        {
            result = _device.PunchHole(offset, length);
        }
        while (result == -Errno.EINTR);

        if (result < 0 && FileError.IsUnsupported(result))
        {
            // EINVAL may be about this range alone (a device with larger blocks).
            _canPunchHoles &= result == -Errno.EINVAL;
            return false;
        }

        if (result < 0)
        {
            status = FileError.OfWrite(result);
        }

        return true;
    }

    private NvmeStatus Zero(long offset, long length)
    {
        int result = _canZeroRange ? _device.ZeroRange(offset, length) : -Errno.EOPNOTSUPP;
        if (result >= 0)
        {
            return NvmeStatus.Success;
        }

        if (result != -Errno.EINTR && !FileError.IsUnsupported(result))
        {
            return FileError.OfWrite(result);
        }

        _canZeroRange &= result is -Errno.EINVAL or -Errno.EINTR;
        NvmeStatus status = NvmeStatus.Success;
        fixed (byte* zeroes = Zeroes)
        {
            for (long end = offset + length; offset < end && status.IsSuccess; offset += Zeroes.Length)
            {
                status = WriteFully(zeroes, offset, Math.Min(end - offset, Zeroes.Length));
            }
        }

        return status;
    }
}
