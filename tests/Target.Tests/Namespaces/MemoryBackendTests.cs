using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Testing;

namespace Nvmf.Target.Tests.Namespaces;

public sealed class MemoryBackendTests
{
    private const long Chunk = 2 << 20;

    [Fact]
    public async Task A_terabyte_takes_memory_only_where_it_is_written()
    {
        using var pool = new PoisonedPool();
        await using var backend = new MemoryBackend(1L << 40, 4096);
        byte[] data = BackendExtensions.RandomBytes(8192, 1);
        ulong last = backend.BlockCount - 2;

        Assert.Equal(1UL << 28, backend.BlockCount);
        Assert.Equal(new byte[8192], backend.Read(pool, last, 2));
        Assert.Equal(0, backend.AllocatedBytes);
        Assert.Equal(NvmeStatus.Success, backend.Write(pool, last, data));
        Assert.Equal(NvmeStatus.Success, backend.Write(pool, 123_456_789, data));
        Assert.Equal(2 * Chunk, backend.AllocatedBytes);
        Assert.Equal(data, backend.Read(pool, last, 2));
        Assert.Equal(NvmeStatus.Success, backend.Deallocate(0, backend.BlockCount));
        Assert.Equal(0, backend.AllocatedBytes);
        Assert.Equal(new byte[8192], backend.Read(pool, last, 2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Chunks_that_were_given_back_come_back_as_zeroes(bool deallocate)
    {
        using var pool = new PoisonedPool();
        await using var backend = new MemoryBackend(3 * Chunk, 4096);
        byte[] chunk = BackendExtensions.RandomBytes((int)Chunk / 2, 2);
        for (ulong start = 0; start < backend.BlockCount; start += 256)
        {
            Assert.Equal(NvmeStatus.Success, backend.Write(pool, start, chunk));
        }

        Assert.Equal(3 * Chunk, backend.AllocatedBytes);

        // One block into the first chunk up to one block into the last.
        Assert.Equal(NvmeStatus.Success, deallocate ? backend.Deallocate(1, 1024) : backend.WriteZeroes(1, 1024));
        Assert.Equal(2 * Chunk, backend.AllocatedBytes);
        Assert.Equal(NvmeStatus.Success, backend.Write(pool, 600, chunk.AsSpan(0, 4096)));
        Assert.Equal(chunk[..4096], backend.Read(pool, 0, 1));
        Assert.Equal(new byte[4096], backend.Read(pool, 1, 1));
        Assert.Equal(new byte[4096], backend.Read(pool, 599, 1));
        Assert.Equal(new byte[4096], backend.Read(pool, 601, 1));
        Assert.Equal(new byte[4096], backend.Read(pool, 1024, 1));
        Assert.Equal(chunk[4096..8192], backend.Read(pool, 1025, 1));
    }

    [Fact]
    public async Task Reads_writes_and_flushes_are_answered_inline_and_only_long_zeroing_is_not()
    {
        using var pool = new PoisonedPool();
        await using var backend = new MemoryBackend(64 * Chunk, 512);
        BufferLease megabyte = pool.Pool.Rent(1 << 20);
        var request = new TestRequest();
        for (ulong start = 0; start < backend.BlockCount; start += 2048)
        {
            Assert.Equal(NvmeStatus.Success, request.Set(BackendOperation.Write, start, 2048, megabyte).Run(backend));
            Assert.True(request.WasInline);
        }

        Assert.Equal(NvmeStatus.Success, request.Set(BackendOperation.Read, 5, 2048, megabyte).Run(backend));
        Assert.True(request.WasInline);
        Assert.Equal(NvmeStatus.Success, request.Set(BackendOperation.Flush).Run(backend));
        Assert.True(request.WasInline);
        Assert.Equal(NvmeStatus.Success, request.Set(BackendOperation.WriteZeroes, 3, 2000).Run(backend));
        Assert.True(request.WasInline);
        Assert.Equal(NvmeStatus.Success, request.Set(BackendOperation.Deallocate, 0, backend.BlockCount).Run(backend));
        Assert.False(request.WasInline);
        Assert.Equal(0, backend.AllocatedBytes);
        megabyte.Release();
    }

    [Fact]
    public async Task Resizing_keeps_what_fits_and_forgets_the_rest()
    {
        using var pool = new PoisonedPool();
        await using var backend = new MemoryBackend(Chunk, 4096);
        int resized = 0;
        backend.Resized += () => resized++;
        byte[] data = BackendExtensions.RandomBytes(4096, 3);
        ulong last = backend.BlockCount - 1;
        Assert.Equal(NvmeStatus.Success, backend.Write(pool, 0, data));
        Assert.Equal(NvmeStatus.Success, backend.Write(pool, last, data));

        backend.Resize(1UL << 30);
        Assert.Equal(1UL << 30, backend.BlockCount);
        Assert.Equal(NvmeStatus.Success, backend.Write(pool, (1UL << 30) - 1, data));
        Assert.Equal(data, backend.Read(pool, last, 1));
        Assert.Equal(new byte[4096], backend.Read(pool, last + 1, 1));

        backend.Resize(10);
        Assert.True(backend.Read(pool, last, new byte[4096]).IsSameCode(NvmeStatus.LbaOutOfRange));
        backend.Resize(1UL << 30);
        Assert.Equal(data, backend.Read(pool, 0, 1));
        Assert.Equal(new byte[4096], backend.Read(pool, last, 1));
        Assert.Equal(new byte[4096], backend.Read(pool, (1UL << 30) - 1, 1));
        Assert.Equal(3, resized);

        backend.Resize(1UL << 30);
        Assert.Equal(3, resized);
        Assert.Throws<ArgumentOutOfRangeException>(() => backend.Resize(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => backend.Resize(ulong.MaxValue));
    }

    [Fact]
    public async Task Writers_may_go_on_while_the_size_changes()
    {
        using var pool = new PoisonedPool();
        await using var backend = new MemoryBackend(4 * Chunk, 4096);
        using var stop = new CancellationTokenSource();
        Task writer = Task.Factory.StartNew(
            () =>
            {
                BufferLease lease = pool.Pool.Rent(64 << 10);
                lease.Span.Fill(0xEE);
                var request = new TestRequest();
                for (int i = 0; !stop.IsCancellationRequested; i++)
                {
                    NvmeStatus status = request.Set(BackendOperation.Write, (ulong)(i % 128) * 16, 16, lease).Run(backend);
                    Assert.True(status.IsSuccess || status.IsSameCode(NvmeStatus.LbaOutOfRange), status.ToString());
                }

                lease.Release();
            },
            TaskCreationOptions.LongRunning);
        for (int i = 0; i < 30; i++)
        {
            backend.Resize(20);
            backend.Resize(2048 + ((ulong)i * 512));
        }

        await stop.CancelAsync();
        await writer.WaitAsync(TimeSpan.FromSeconds(30));

        // Nothing that was written while the disk was small may show when it grows again.
        backend.Resize(20);
        backend.Resize(4096);
        for (ulong start = 20; start < 4096; start += 64)
        {
            Assert.True(backend.Read(pool, start, (int)Math.Min(64, 4096 - start)).AsSpan().IndexOfAnyExcept((byte)0) < 0, $"data at {start}");
        }
    }

    [Fact]
    public void Sizes_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryBackend(511));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryBackend(MemoryBackend.MaxSizeInBytes + 1));
    }

    [Fact]
    public async Task A_request_allocates_nothing()
    {
        using var pool = new PoisonedPool();
        await using var backend = new MemoryBackend(Chunk, 4096);
        BufferLease lease = pool.Pool.Rent(32 << 10);
        var request = new TestRequest();
        long before = 0;
        for (int i = 0; i < 1100; i++)
        {
            if (i == 100)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            backend.Submit(request.Set(BackendOperation.Write, 3, 8, lease), out _);
            backend.Submit(request.Set(BackendOperation.Read, 3, 8, lease), out _);
            backend.Submit(request.Set(BackendOperation.WriteZeroes, 3, 8), out _);
            backend.Submit(request.Set(BackendOperation.Flush), out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        lease.Release();
    }
}
