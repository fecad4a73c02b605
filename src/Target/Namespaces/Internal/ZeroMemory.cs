using Nvmf.Abstractions.Buffers;

namespace Nvmf.Target.Namespaces.Internal;

/// <summary>
/// Zeroes to lend, for the life of the process: the same few bytes for everybody, and in the processor's cache. Several blocks, so that loops do not
/// fight for one reference count.
/// </summary>
internal static class ZeroMemory
{
    private const int Stripes = 16;
    private const int BlockSize = 128 << 10;

    private static readonly BufferLease[] Blocks = Make();

    /// <summary>Lends <paramref name="length"/> bytes.</summary>
    public static void Lend(BackendRequest request, long length)
    {
        BufferLease block = Blocks[Environment.CurrentManagedThreadId & (Stripes - 1)];
        while (length > 0)
        {
            int part = (int)Math.Min(length, BlockSize);
            request.Lend(block.Slice(0, part).Retain());
            length -= part;
        }
    }

    private static BufferLease[] Make()
    {
        var pool = new BufferPool(new BufferPoolOptions { LimitInBytes = Stripes * BlockSize, ReserveInBytes = 0 });
        var blocks = new BufferLease[Stripes];
        foreach (ref BufferLease block in blocks.AsSpan())
        {
            if (!pool.TryRent(BlockSize, BufferPriority.InputOutput, out block))
            {
                throw new InvalidOperationException("There is no memory for zeroes.");
            }

            block.Span.Clear();
        }

        return blocks;
    }
}
