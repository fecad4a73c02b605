using Nvmf.Abstractions.Buffers;
using Nvmf.Initiator;

namespace DiskCopy;

/// <summary>
/// A few workers, each with one buffer, take chunk after chunk. The buffer is a lease that goes to the wire in place; when the task of a write ends, nobody reads it any
/// more, however often and by which paths it was sent.
/// </summary>
internal sealed class ChunkedCopy(NvmeBlockDevice disk, BufferPool pool, ImageFile file, int depth)
{
    private const int LargestChunk = 1 << 20;

    private readonly int _chunk = Math.Min(LargestChunk, disk.MaxTransferLength);
    private long _next;
    private long _firstDifference = long.MaxValue;

    /// <summary>Offset in bytes, after <see cref="VerifyAsync"/>; null when there is none.</summary>
    public long? FirstDifference => _firstDifference == long.MaxValue ? null : _firstDifference;

    public Task PutAsync(Progress progress, CancellationToken cancellationToken) => ForEachChunkAsync(progress, async (offset, lease) =>
    {
        await file.ReadAsync(lease.Memory, offset, cancellationToken);
        await disk.WriteAsync(BlockOf(offset), lease, cancellationToken: cancellationToken);
    });

    public Task GetAsync(Progress progress, CancellationToken cancellationToken) => ForEachChunkAsync(progress, async (offset, lease) =>
    {
        await disk.ReadAsync(BlockOf(offset), lease, cancellationToken);
        await file.WriteAsync(lease.Memory, offset, cancellationToken);
    });

    public Task VerifyAsync(Progress progress, CancellationToken cancellationToken) => ForEachChunkAsync(progress, async (offset, lease) =>
    {
        await disk.ReadAsync(BlockOf(offset), lease, cancellationToken);
        var expected = new byte[lease.Length];
        await file.ReadAsync(expected, offset, cancellationToken);
        var length = (int)Math.Min(lease.Length, file.Length - offset);
        var same = lease.Span[..length].CommonPrefixLength(expected);
        if (same == length)
        {
            return;
        }

        lock (progress)
        {
            _firstDifference = Math.Min(_firstDifference, offset + same);
        }
    });

    private ulong BlockOf(long offset) => (ulong)(offset / disk.BlockSize);

    private async Task ForEachChunkAsync(Progress progress, Func<long, BufferLease, Task> work)
    {
        _next = 0;
        using var stop = new CancellationTokenSource();
        await Task.WhenAll(Enumerable.Range(0, depth).Select(_ => Task.Run(() => WorkAsync(progress, work, stop))));
    }

    private async Task WorkAsync(Progress progress, Func<long, BufferLease, Task> work, CancellationTokenSource stop)
    {
        if (!pool.TryRent(_chunk, BufferPriority.InputOutput, out var lease))
        {
            throw new InvalidOperationException("There is not enough memory for that many chunks.");
        }

        try
        {
            while (!stop.IsCancellationRequested && Interlocked.Add(ref _next, _chunk) - _chunk is var offset && offset < file.Length)
            {
                // The last chunk ends with the block in which the file does.
                var blocks = (Math.Min(_chunk, file.Length - offset) + disk.BlockSize - 1) / disk.BlockSize;
                await work(offset, lease.Slice(0, (int)blocks * disk.BlockSize));
                progress.Add(Math.Min(_chunk, file.Length - offset));
            }
        }
        catch
        {
            // The others end behind the chunk they are at.
            await stop.CancelAsync();
            throw;
        }
        finally
        {
            lease.Release();
        }
    }
}
