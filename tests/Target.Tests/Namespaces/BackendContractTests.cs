using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Testing;

namespace Nvmf.Target.Tests.Namespaces;

/// <summary>What every back end answers to requests that the target should not have let through.</summary>
public sealed class BackendContractTests
{
    public static TheoryData<string, int> Kinds() => BackendFactory.Kinds();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Ranges_beyond_the_end_are_refused(string kind, int blockSize)
    {
        using var factory = new BackendFactory();
        using var pool = new PoisonedPool();
        await using NamespaceBackend backend = factory.Create(kind, 16 * blockSize, blockSize);

        Assert.Equal(16UL, backend.BlockCount);
        Assert.Equal(blockSize, backend.BlockSize);
        byte[] two = new byte[2 * blockSize];
        foreach (ulong start in (ulong[])[15, 16, 17, ulong.MaxValue, ulong.MaxValue / (uint)blockSize])
        {
            Assert.True(backend.Read(pool, start, two).IsSameCode(NvmeStatus.LbaOutOfRange));
            Assert.True(backend.Write(pool, start, two).IsSameCode(NvmeStatus.LbaOutOfRange));
            Assert.True(backend.WriteZeroes(start, 2).IsSameCode(NvmeStatus.LbaOutOfRange));
            Assert.True(backend.Deallocate(start, ulong.MaxValue).IsSameCode(NvmeStatus.LbaOutOfRange));
        }

        Assert.Equal(NvmeStatus.Success, backend.Write(pool, 14, two));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Data_of_another_length_is_refused(string kind, int blockSize)
    {
        using var factory = new BackendFactory();
        using var pool = new PoisonedPool();
        await using NamespaceBackend backend = factory.Create(kind, 16 * blockSize, blockSize);
        BufferLease lease = pool.Pool.Rent(blockSize);

        foreach (ulong count in (ulong[])[0, 2, 16])
        {
            Assert.Equal(NvmeStatus.InternalError.Code, new TestRequest().Set(BackendOperation.Read, 0, count, lease).Run(backend).Code);
            Assert.Equal(NvmeStatus.InternalError.Code, new TestRequest().Set(BackendOperation.Write, 0, count, lease).Run(backend).Code);
        }

        Assert.Equal(NvmeStatus.Success, new TestRequest().Set(BackendOperation.Read, 15, 1, lease).Run(backend));
        lease.Release();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Empty_ranges_and_flushes_succeed(string kind, int blockSize)
    {
        using var factory = new BackendFactory();
        await using NamespaceBackend backend = factory.Create(kind, 16 * blockSize, blockSize);

        Assert.Equal(NvmeStatus.Success, backend.Flush());
        Assert.Equal(NvmeStatus.Success, backend.WriteZeroes(16, 0));
        Assert.Equal(NvmeStatus.Success, backend.Deallocate(3, 0));
        Assert.Equal(NvmeStatus.Success, backend.Flush());
    }

    [Fact]
    public async Task Read_only_back_ends_refuse_what_changes_data()
    {
        using var pool = new PoisonedPool();
        await using var backend = new MemoryBackend(1 << 20) { IsReadOnly = true };

        NvmeStatus expected = NvmeStatus.NamespaceWriteProtected.WithDoNotRetry();
        Assert.Equal(expected, backend.Write(pool, 0, new byte[512]));
        Assert.Equal(expected, backend.WriteZeroes(0, 1));
        Assert.Equal(expected, backend.Deallocate(0, 1));
        Assert.Equal(expected, backend.CompareAndWrite(pool, 0, new byte[512], new byte[512]));
        Assert.Equal(NvmeStatus.Success, backend.Flush());
        Assert.Equal(new byte[512], backend.Read(pool, 0, 1));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_block_is_written_if_it_holds_what_is_expected(string kind, int blockSize)
    {
        using var factory = new BackendFactory();
        using var pool = new PoisonedPool();
        await using NamespaceBackend backend = factory.Create(kind, 16 * blockSize, blockSize);
        Assert.True(backend.SupportsCompareAndWrite);
        byte[] zero = new byte[blockSize], first = BackendExtensions.RandomBytes(blockSize, 1), second = BackendExtensions.RandomBytes(blockSize, 2);
        byte[] almost = [.. first];
        almost[^1] ^= 1;

        Assert.Equal(NvmeStatus.CompareFailure.WithDoNotRetry(), backend.CompareAndWrite(pool, 3, first, second));
        Assert.Equal(NvmeStatus.Success, backend.CompareAndWrite(pool, 3, zero, first));
        Assert.Equal(NvmeStatus.CompareFailure.WithDoNotRetry(), backend.CompareAndWrite(pool, 3, almost, second, durable: true));
        Assert.Equal(first, backend.Read(pool, 3, 1));
        Assert.Equal(NvmeStatus.Success, backend.CompareAndWrite(pool, 3, first, second, durable: true));
        Assert.Equal([.. zero, .. second, .. zero], backend.Read(pool, 2, 3));
        Assert.True(backend.CompareAndWrite(pool, 16, zero, first).IsSameCode(NvmeStatus.LbaOutOfRange));
        Assert.True(backend.CompareAndWrite(pool, 0, zero, zero.AsSpan(4)).IsSameCode(NvmeStatus.InternalError));
        BufferLease two = pool.Pool.Rent(4 * blockSize);
        Assert.True(new TestRequest().Set(BackendOperation.CompareAndWrite, 0, 2, two).Run(backend).IsSameCode(NvmeStatus.InternalError));
        two.Release();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Nothing_comes_between_comparison_and_write(string kind, int blockSize)
    {
        const int Threads = 4;
        const int Steps = 100;
        using var factory = new BackendFactory();
        using var pool = new PoisonedPool();
        await using NamespaceBackend backend = factory.Create(kind, 16 * blockSize, blockSize);

        // Each counts in a block of the same unit as the others' and in one block with all others.
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < Steps; i++)
            {
                Count(8);
                Count((ulong)thread);
            }
        })));
        Assert.Equal(Threads * Steps, BitConverter.ToInt32(backend.Read(pool, 8, 1)));
        Assert.All(Enumerable.Range(0, Threads), thread => Assert.Equal(Steps, BitConverter.ToInt32(backend.Read(pool, (ulong)thread, 1))));

        void Count(ulong block)
        {
            NvmeStatus status;
            do
            {
                byte[] seen = backend.Read(pool, block, 1);
                byte[] next = [.. seen];
                BitConverter.TryWriteBytes(next, BitConverter.ToInt32(seen) + 1);
                status = backend.CompareAndWrite(pool, block, seen, next);
            }
            while (status.IsSameCode(NvmeStatus.CompareFailure));
            Assert.Equal(NvmeStatus.Success, status);
        }
    }

    [Theory]
    [InlineData(256)]
    [InlineData(513)]
    [InlineData(8192)]
    [InlineData(0)]
    [InlineData(-512)]
    public void Other_block_sizes_are_refused(int blockSize)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryBackend(1 << 20, blockSize));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NullBackend(1 << 20, blockSize));
        Assert.Throws<ArgumentOutOfRangeException>(() => FileBackend.Open("x", new FileBackendOptions { BlockSize = blockSize }));
    }

    [Fact]
    public async Task The_null_back_end_reads_zeroes_whatever_was_in_the_buffer()
    {
        using var pool = new PoisonedPool();
        await using var backend = new NullBackend(1L << 50, 4096);

        Assert.Equal(NvmeStatus.Success, backend.Write(pool, 7, BackendExtensions.RandomBytes(8192, 1)));
        Assert.Equal(new byte[8192], backend.Read(pool, 7, 2));
        Assert.Equal(NvmeStatus.Success, backend.CompareAndWrite(pool, 7, new byte[4096], BackendExtensions.RandomBytes(4096, 2)));
        Assert.True(backend.CompareAndWrite(pool, 7, BackendExtensions.RandomBytes(4096, 2), new byte[4096]).IsSameCode(NvmeStatus.CompareFailure));
        Assert.Equal((1UL << 50) / 4096, backend.BlockCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(256)]
    public async Task The_null_back_end_lends_zeroes(int blocks)
    {
        await using var backend = new NullBackend(1L << 50, 4096);

        var request = new TestRequest().Set(BackendOperation.Read, 7, (ulong)blocks);
        Assert.Equal(NvmeStatus.Success, request.Run(backend));
        Assert.Equal(blocks * 4096, request.LentBytes);
        List<BufferLease> pieces = request.TakeLent();
        Assert.Equal(0, request.LentBytes);
        Assert.Equal(new byte[blocks * 4096], pieces.SelectMany(piece => piece.Span.ToArray()));
        pieces.ForEach(piece => piece.Release());
    }

    [Fact]
    public async Task Only_back_ends_that_lend_take_reads_without_data()
    {
        using var directory = new TemporaryDirectory();
        await using NamespaceBackend backend = FileBackend.Open(directory.File("disk"), new FileBackendOptions { SizeInBytes = 1 << 20 });
        Assert.False(backend.LendsMemory);
        Assert.Equal(NvmeStatus.InternalError.Code, new TestRequest().Set(BackendOperation.Read, 0, 1).Run(backend).Code);
    }
}
