using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces.Internal;

namespace Nvmf.Target.Namespaces;

/// <summary>Drops what is written and reads as zeroes: for measuring everything but storage.</summary>
public sealed class NullBackend : NamespaceBackend
{
    /// <summary>Makes a back end of <paramref name="sizeInBytes"/>, rounded down to whole blocks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is not at least one block, or the block size is not 512, 1024, 2048 or 4096.</exception>
    public NullBackend(long sizeInBytes, int blockSize = 512)
    {
        ThrowIfInvalidBlockSize(blockSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(sizeInBytes, blockSize);
        BlockSize = blockSize;
        BlockCount = (ulong)sizeInBytes / (uint)blockSize;
    }

    /// <inheritdoc/>
    public override int BlockSize { get; }

    /// <inheritdoc/>
    public override ulong BlockCount { get; }

    /// <inheritdoc/>
    public override bool HasVolatileWriteCache => false;

    /// <inheritdoc/>
    public override bool DeallocatedBlocksReadZeroes => true;

    /// <inheritdoc/>
    public override bool LendsMemory => true;

    /// <inheritdoc/>
    public override bool SupportsCompareAndWrite => true;

    /// <inheritdoc/>
    public override bool Submit(BackendRequest request, out NvmeStatus status)
    {
        if (!TryGetRange(request, out _, out long length, out status))
        {
            return true;
        }

        if (request.Operation == BackendOperation.CompareAndWrite)
        {
            bool zeroes = !request.Data.Span[..(int)length].ContainsAnyExcept((byte)0);
            status = zeroes ? NvmeStatus.Success : NvmeStatus.CompareFailure.WithDoNotRetry();
        }
        else if (request.Operation != BackendOperation.Read)
        {
            return true;
        }
        else if (request.Data.IsEmpty)
        {
            ZeroMemory.Lend(request, length);
        }
        else
        {
            request.Data.Span.Clear();
        }

        return true;
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
