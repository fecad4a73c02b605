using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Testing;

namespace Nvmf.Target.Tests.Namespaces;

/// <summary>What requests do to a real file.</summary>
public sealed class FileBackendStorageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public async Task Holes_are_kept_and_made()
    {
        using var pool = new PoisonedPool();
        string path = _directory.File("disk");
        await using FileBackend backend = FileBackend.Open(path, new FileBackendOptions { SizeInBytes = 64 << 20, BlockSize = 4096 });
        Skip.IfNot(backend.DeallocatedBlocksReadZeroes, "the file system of the temporary directory has no holes");
        byte[] megabyte = BackendExtensions.RandomBytes(1 << 20, 1);

        Assert.Equal(new byte[1 << 20], backend.Read(pool, 1024, 256));
        Assert.Equal(NvmeStatus.Success, backend.Flush());
        Assert.Equal(0, FileAllocation.OfLocked(path));

        for (ulong start = 0; start < 2048; start += 256)
        {
            Assert.Equal(NvmeStatus.Success, backend.Write(pool, start, megabyte));
        }

        Assert.Equal(NvmeStatus.Success, backend.Flush());
        Assert.InRange(FileAllocation.OfLocked(path), 8 << 20, 9 << 20);

        Assert.Equal(NvmeStatus.Success, backend.Deallocate(0, 512));
        Assert.InRange(FileAllocation.OfLocked(path), 6 << 20, 7 << 20);
        Assert.Equal(NvmeStatus.Success, backend.WriteZeroes(512, 512, deallocate: true));
        Assert.InRange(FileAllocation.OfLocked(path), 4 << 20, 5 << 20);
        Assert.Equal(new byte[1 << 20], backend.Read(pool, 512, 256));
        Assert.Equal(megabyte, backend.Read(pool, 1024, 256));

        // Not deallocated: zero, and it stays ours.
        Assert.Equal(NvmeStatus.Success, backend.WriteZeroes(1024, 512));
        Assert.Equal(new byte[1 << 20], backend.Read(pool, 1024, 256));
        Assert.InRange(FileAllocation.OfLocked(path), 4 << 20, 5 << 20);
        Assert.Equal(64 << 20, new FileInfo(path).Length);
    }

    [SkippableFact]
    public async Task What_is_in_the_page_cache_is_read_inline()
    {
        using var pool = new PoisonedPool();
        await using FileBackend backend = FileBackend.Open(_directory.File("disk"), new FileBackendOptions { SizeInBytes = 1 << 20 });
        Skip.IfNot(OperatingSystem.IsLinux(), "needs RWF_NOWAIT");
        var lease = pool.Pool.Rent(4096);
        lease.Span.Fill(0x11);
        var request = new TestRequest();
        Assert.Equal(NvmeStatus.Success, request.Set(BackendOperation.Write, 8, 8, lease).Run(backend));

        // Memory pressure may take the page out of the cache again: once is enough.
        bool inline = false;
        for (int i = 0; i < 100 && !inline; i++)
        {
            Assert.Equal(NvmeStatus.Success, request.Set(BackendOperation.Read, 8, 8, lease).Run(backend));
            inline = request.WasInline;
        }

        Assert.True(inline);
        lease.Release();
    }

    [SkippableFact]
    public async Task Tmpfs_has_no_disk_to_wait_for()
    {
        Skip.IfNot(Directory.Exists("/dev/shm"), "needs /dev/shm");
        using var pool = new PoisonedPool();
        using var directory = new TemporaryDirectory("/dev/shm");
        await using FileBackend backend = FileBackend.Open(directory.File("disk"), new FileBackendOptions { SizeInBytes = 1 << 20 });
        var lease = pool.Pool.Rent(4096);
        lease.Span.Fill(0x22);
        var request = new TestRequest();
        Assert.Equal(NvmeStatus.Success, request.Set(BackendOperation.Write, 8, 8, lease).Run(backend));
        Assert.True(request.WasInline);
        lease.Span.Clear();
        Assert.Equal(NvmeStatus.Success, request.Set(BackendOperation.Read, 8, 8, lease).Run(backend));
        Assert.True(request.WasInline);
        Assert.Equal(0x22, lease.Span[4095]);
        lease.Release();
    }

    [Fact]
    public async Task Resizing_changes_the_file()
    {
        using var pool = new PoisonedPool();
        string path = _directory.File("disk");
        await using FileBackend backend = FileBackend.Open(path, new FileBackendOptions { SizeInBytes = 1 << 20, BlockSize = 4096 });
        int resized = 0;
        backend.Resized += () => resized++;
        byte[] data = BackendExtensions.RandomBytes(4096, 3);
        Assert.Equal(NvmeStatus.Success, backend.Write(pool, 255, data));

        backend.Resize(512);
        Assert.Equal(2 << 20, new FileInfo(path).Length);
        Assert.Equal(data, backend.Read(pool, 255, 1));
        Assert.Equal(NvmeStatus.Success, backend.Write(pool, 511, data));
        backend.Resize(10);
        Assert.Equal(10 * 4096, new FileInfo(path).Length);
        Assert.True(backend.Write(pool, 10, data).IsSameCode(NvmeStatus.LbaOutOfRange));
        backend.Resize(512);
        Assert.Equal(new byte[4096], backend.Read(pool, 255, 1));
        Assert.Equal(3, resized);
        Assert.Throws<ArgumentOutOfRangeException>(() => backend.Resize(ulong.MaxValue));
        Assert.Throws<IOException>(() => backend.Resize(long.MaxValue / 4096));
        Assert.Equal(512UL, backend.BlockCount);
        Assert.False(backend.RefreshSize());
    }

    [SkippableFact]
    public async Task A_size_changed_by_others_is_found()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs truncate(1)");
        string path = _directory.File("disk");
        await using FileBackend backend = FileBackend.Open(path, new FileBackendOptions { SizeInBytes = 1 << 20 });
        using var process = System.Diagnostics.Process.Start("truncate", ["-s", "2097200", path]);
        await process.WaitForExitAsync();

        Assert.True(backend.RefreshSize());
        Assert.Equal(4096UL, backend.BlockCount);
        Assert.Equal(48, backend.UnusedTailBytes);
        Assert.False(backend.RefreshSize());
    }

    [SkippableFact]
    public async Task A_file_cut_off_by_others_gives_read_errors_and_no_foreign_data()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs truncate(1)");
        using var pool = new PoisonedPool();
        string path = _directory.File("disk");
        await using FileBackend backend = FileBackend.Open(path, new FileBackendOptions { SizeInBytes = 1 << 20 });
        using var process = System.Diagnostics.Process.Start("truncate", ["-s", "4096", path]);
        await process.WaitForExitAsync();

        Assert.True(backend.Read(pool, 4, new byte[4096]).IsSameCode(NvmeStatus.UnrecoveredReadError));
        Assert.Equal(NvmeStatus.Success, backend.Read(pool, 0, new byte[4096]));
    }
}
