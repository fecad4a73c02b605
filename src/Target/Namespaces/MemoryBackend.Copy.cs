using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces.Internal;

namespace Nvmf.Target.Namespaces;

/// <summary>Reads and writes, unit by unit.</summary>
public sealed unsafe partial class MemoryBackend
{
    private const int OptimisticReads = 8;

    private void Read(BackendRequest request, long offset)
    {
        byte* destination = request.Data.Pointer;
        int remaining = request.Data.Length;
        while (remaining > 0)
        {
            int count = (int)Math.Min(remaining, BlockRangeLocks.UnitSize - (offset & (BlockRangeLocks.UnitSize - 1)));
            ReadUnit(offset, destination, count);
            offset += count;
            destination += count;
            remaining -= count;
        }
    }

    private void ReadUnit(long offset, byte* destination, int count)
    {
        long unit = BlockRangeLocks.UnitOf(offset);
        var spinner = default(SpinWait);
        for (int attempt = 0; attempt < OptimisticReads; attempt++)
        {
            if (_locks.TryBeginRead(unit, 1, out long version))
            {
                Copy(offset, destination, count);
                if (_locks.EndRead(unit, 1, version))
                {
                    return;
                }
            }

            spinner.SpinOnce(sleep1Threshold: -1);
        }

        // Writers keep coming: take a turn like one of them.
        _locks.Enter(unit);
        Copy(offset, destination, count);
        _locks.Exit(unit);
    }

    private void Copy(long offset, byte* destination, int count)
    {
        byte* source = _memory.Find(offset);
        if (source != null)
        {
            Buffer.MemoryCopy(source, destination, count, count);
        }
        else
        {
            new Span<byte>(destination, count).Clear();
        }
    }

    private NvmeStatus Write(BackendRequest request, long offset)
    {
        byte* source = request.Data.Pointer;
        int remaining = request.Data.Length;
        while (remaining > 0)
        {
            int count = (int)Math.Min(remaining, BlockRangeLocks.UnitSize - (offset & (BlockRangeLocks.UnitSize - 1)));
            NvmeStatus status = WriteUnit(offset, source, count);
            if (!status.IsSuccess)
            {
                return status;
            }

            offset += count;
            source += count;
            remaining -= count;
        }

        return NvmeStatus.Success;
    }

    private NvmeStatus WriteUnit(long offset, byte* source, int count)
    {
        long unit = BlockRangeLocks.UnitOf(offset);
        NvmeStatus status = NvmeStatus.Success;
        _locks.Enter(unit);
        if (offset + count > Volatile.Read(ref _size))
        {
            status = NvmeStatus.LbaOutOfRange.WithDoNotRetry();
        }
        else
        {
            byte* destination = _memory.FindOrAllocate(offset);
            if (destination != null)
            {
                Buffer.MemoryCopy(source, destination, count, count);
            }
            else
            {
                status = NvmeStatus.CapacityExceeded;
            }
        }

        _locks.Exit(unit);
        return status;
    }
}
