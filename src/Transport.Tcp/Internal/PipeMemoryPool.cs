using System.Buffers;
using Nvmf.Abstractions.Buffers;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// Memory of pipes: leased blocks, so that the kernel can hold a reference of its own to what a pipe has given back already. At the pool's limit
/// it is pinned arrays, whose bytes are always copied: a pipe never has to wait for memory.
/// </summary>
internal sealed class PipeMemoryPool(BufferPool pool) : MemoryPool<byte>
{
    public const int DefaultBlockSize = 4096;

    public override int MaxBufferSize => pool.MaxLength;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, MaxBufferSize);
        int length = minBufferSize > 0 ? minBufferSize : DefaultBlockSize;
        return pool.TryRent(length, BufferPriority.InputOutput, out BufferLease lease) ? lease.AsMemoryOwner() : new PinnedArray(length);
    }

    /// <summary>The blocks are those of <see cref="BufferPool"/>.</summary>
    protected override void Dispose(bool disposing)
    {
    }

    private sealed class PinnedArray(int length) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(length, pinned: true);

        public void Dispose()
        {
        }
    }
}
