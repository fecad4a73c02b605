using Nvmf.Abstractions.Buffers;
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
        _locks.Enter(unit);
        NvmeStatus status = Store(offset, source, count);
        _locks.Exit(unit);
        return status;
    }

    private NvmeStatus CompareAndWrite(BufferLease data, long offset)
    {
        int length = BlockSize;
        long unit = BlockRangeLocks.UnitOf(offset);
        _locks.Enter(unit);
        byte* stored = _memory.Find(offset);
        ReadOnlySpan<byte> expected = data.Span[..length];
        bool equal = stored != null ? expected.SequenceEqual(new ReadOnlySpan<byte>(stored, length)) : !expected.ContainsAnyExcept((byte)0);
        NvmeStatus status = equal ? Store(offset, data.Pointer + length, length) : NvmeStatus.CompareFailure.WithDoNotRetry();
        _locks.Exit(unit);
        return status;
    }

    /// <summary>The caller holds the unit.</summary>
    private NvmeStatus Store(long offset, byte* source, int count)
    {
        if (offset + count > Volatile.Read(ref _size))
        {
            return NvmeStatus.LbaOutOfRange.WithDoNotRetry();
        }

        byte* destination = _memory.FindOrAllocate(offset);
        if (destination == null)
        {
            return NvmeStatus.CapacityExceeded;
        }

        Buffer.MemoryCopy(source, destination, count, count);
        return NvmeStatus.Success;
    }
}
