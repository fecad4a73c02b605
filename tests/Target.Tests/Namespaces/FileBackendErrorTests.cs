using Nvmf.Abstractions.Fabrics;
using Nvmf.EventLoop.Native;
using Nvmf.Target.Namespaces;
using Nvmf.Testing;

namespace Nvmf.Target.Tests.Namespaces;

/// <summary>What hosts are told when the disk fails, and what is remembered of it.</summary>
public sealed class FileBackendErrorTests : IDisposable
{
    private readonly PoisonedPool _pool = new();
    private readonly byte[] _block = BackendExtensions.RandomBytes(512, 1);

    public void Dispose() => _pool.Dispose();

    private static FileBackend Open(FakeFileDevice device) => new(device, "fake", new FileBackendOptions());

    private static FakeFileDevice Failing(string call, int error) => new(1 << 20) { Fault = name => name == call ? -error : 0 };

    [Theory]
    [InlineData(Errno.EIO, 2, 0x81)]
    [InlineData(84, 2, 0x81)]
    [InlineData(Errno.ENOMEM, 0, 0x06)]
    public async Task Read_errors(int error, byte codeType, byte code)
    {
        await using FileBackend backend = Open(Failing("Read", error));
        Assert.Equal(new NvmeStatus(codeType, code), backend.Read(_pool, 0, new byte[512]));
    }

    [Theory]
    [InlineData(Errno.EIO, 2, 0x80, false)]
    [InlineData(Errno.ENOSPC, 0, 0x81, false)]
    [InlineData(Errno.EDQUOT, 0, 0x81, false)]
    [InlineData(Errno.EFBIG, 0, 0x81, false)]
    [InlineData(Errno.EROFS, 0, 0x20, true)]
    [InlineData(Errno.EPERM, 0, 0x20, true)]
    public async Task Write_errors(int error, byte codeType, byte code, bool doNotRetry)
    {
        await using FileBackend backend = Open(Failing("Write", error));
        var expected = new NvmeStatus(codeType, code, doNotRetry);
        Assert.Equal(expected, backend.Write(_pool, 0, _block));
        Assert.Equal(expected, backend.WriteZeroes(0, 1));
        Assert.Null(backend.SyncFailure);
        Assert.Equal(NvmeStatus.Success, backend.Flush());
    }

    [Theory]
    [InlineData("PunchHole")]
    [InlineData("ZeroRange")]
    public async Task Errors_of_zeroing(string call)
    {
        FakeFileDevice device = Failing(call, Errno.ENOSPC);
        device.SupportsHoles = device.SupportsZeroRange = true;
        await using FileBackend backend = Open(device);
        Assert.Equal(NvmeStatus.CapacityExceeded, backend.WriteZeroes(0, 8, deallocate: call == "PunchHole"));
    }

    [Fact]
    public async Task A_failed_flush_stays_failed()
    {
        // fdatasync reports a lost write once. It must not be forgotten.
        int syncs = 0;
        var device = new FakeFileDevice(1 << 20) { Fault = call => call == "Sync" && Interlocked.Increment(ref syncs) == 1 ? -Errno.EIO : 0 };
        FileBackend backend = Open(device);
        int told = 0;
        backend.Faulted += () => told++;
        Assert.Equal(NvmeStatus.Success, backend.Write(_pool, 0, _block));
        Assert.Null(backend.Fault);

        NvmeStatus expected = NvmeStatus.WriteFault.WithDoNotRetry();
        Assert.Equal(expected, backend.Flush());
        Assert.Equal(expected, backend.Flush());
        Assert.Equal(NvmeStatus.Success, backend.Write(_pool, 0, _block));
        Assert.Equal(expected, backend.Flush());
        Assert.Equal(expected, backend.Write(_pool, 0, _block, durable: true));
        Assert.Equal(expected, backend.WriteZeroes(0, 1, durable: true));
        Assert.Equal(_block, backend.Read(_pool, 0, 1));
        Assert.NotNull(backend.SyncFailure);
        Assert.Equal(backend.SyncFailure.Message, backend.Fault);
        Assert.Equal((1, 1), (syncs, told));

        IOException exception = await Assert.ThrowsAsync<IOException>(async () => await backend.DisposeAsync());
        Assert.Contains("could not be made durable", exception.Message, StringComparison.Ordinal);
        Assert.True(device.IsDisposed);
    }

    [Fact]
    public async Task An_error_of_the_last_sync_comes_out_of_disposal()
    {
        FakeFileDevice device = Failing("Sync", Errno.EIO);
        FileBackend backend = Open(device);
        Assert.Equal(NvmeStatus.Success, backend.Write(_pool, 0, _block));
        await Assert.ThrowsAsync<IOException>(async () => await backend.DisposeAsync());
        Assert.True(device.IsDisposed);
        await backend.DisposeAsync();
    }

    [Fact]
    public async Task All_flushes_that_one_sync_serves_fail_with_it()
    {
        FakeFileDevice device = Failing("Sync", Errno.ENOSPC);
        FileBackend backend = Open(device);
        device.Gate.Reset();
        TestRequest[] flushes = [.. Enumerable.Range(0, 20).Select(_ => new TestRequest().Set(BackendOperation.Flush).Submit(backend))];
        device.Gate.Set();
        Assert.All(flushes, flush => Assert.Equal(NvmeStatus.WriteFault.WithDoNotRetry(), flush.Wait()));
        await Assert.ThrowsAsync<IOException>(async () => await backend.DisposeAsync());
    }

    [Fact]
    public async Task Flushes_that_wait_behind_a_failed_one_fail()
    {
        using var syncing = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        int syncs = 0;
        var device = new FakeFileDevice(1 << 20);
        device.Fault = call =>
        {
            if (call != "Sync" || Interlocked.Increment(ref syncs) > 1)
            {
                return 0;
            }

            syncing.Set();
            release.Wait(TimeSpan.FromSeconds(10));
            return -Errno.EIO;
        };
        FileBackend backend = Open(device);
        TestRequest first = new TestRequest().Set(BackendOperation.Flush).Submit(backend);
        Assert.True(syncing.Wait(TimeSpan.FromSeconds(30)));
        Assert.Equal(NvmeStatus.Success, backend.Write(_pool, 0, _block));
        TestRequest second = new TestRequest().Set(BackendOperation.Flush).Submit(backend);
        release.Set();
        Assert.Equal(NvmeStatus.WriteFault.WithDoNotRetry(), first.Wait());
        Assert.Equal(NvmeStatus.WriteFault.WithDoNotRetry(), second.Wait());
        await Assert.ThrowsAsync<IOException>(async () => await backend.DisposeAsync());
    }

    [Fact]
    public async Task A_durable_write_that_fails_is_written_again_and_flushed()
    {
        // The error of the sync inside comes again, at the flush.
        var device = new FakeFileDevice(1 << 20) { Fault = call => call is "WriteDurably" or "Sync" ? -Errno.EIO : 0 };
        FileBackend backend = Open(device);
        Assert.Equal(NvmeStatus.WriteFault.WithDoNotRetry(), backend.Write(_pool, 0, _block, durable: true));
        Assert.Equal(["WriteDurably", "Write", "Sync"], device.Blocking.Select(call => call.Call));
        Assert.NotNull(backend.SyncFailure);
        await Assert.ThrowsAsync<IOException>(async () => await backend.DisposeAsync());
    }

    [Fact]
    public async Task A_durable_write_to_a_full_disk_is_no_lost_write()
    {
        bool full = true;
        var device = new FakeFileDevice(1 << 20) { Fault = call => full && call is "WriteDurably" or "Write" && full ? -Errno.ENOSPC : 0 };
        await using FileBackend backend = Open(device);
        Assert.Equal(NvmeStatus.CapacityExceeded, backend.Write(_pool, 0, _block, durable: true));
        Assert.Null(backend.SyncFailure);
        full = false;
        Assert.Equal(NvmeStatus.Success, backend.Write(_pool, 0, _block, durable: true));
        Assert.Equal(NvmeStatus.Success, backend.Flush());
    }

    [Fact]
    public async Task Durable_writes_do_without_the_system_call_for_it()
    {
        var device = new FakeFileDevice(1 << 20) { SupportsDurableWrites = false };
        await using FileBackend backend = Open(device);
        Assert.Equal(NvmeStatus.Success, backend.Write(_pool, 0, _block, durable: true));
        Assert.Equal(["Write", "Sync"], device.Blocking.Select(call => call.Call));
        Assert.Equal(NvmeStatus.Success, backend.WriteZeroes(0, 1, durable: true));
        Assert.Equal(["Write", "Sync", "Write", "Sync"], device.Blocking.Select(call => call.Call));
    }

    [Theory]
    [InlineData("Read")]
    [InlineData("Write")]
    [InlineData("WriteDurably")]
    [InlineData("Sync")]
    [InlineData("PunchHole")]
    public async Task An_interrupted_call_is_made_again(string interrupted)
    {
        int calls = 0;
        var device = new FakeFileDevice(1 << 20)
        {
            SupportsHoles = true,
            Fault = call => call == interrupted && Interlocked.Increment(ref calls) <= 2 ? -Errno.EINTR : 0,
        };
        await using FileBackend backend = Open(device);
        Assert.Equal(NvmeStatus.Success, backend.Write(_pool, 0, _block));
        Assert.Equal(NvmeStatus.Success, backend.Write(_pool, 1, _block, durable: true));
        Assert.Equal(_block, backend.Read(_pool, 1, 1));
        Assert.Equal(NvmeStatus.Success, backend.Flush());
        Assert.Equal(NvmeStatus.Success, backend.Deallocate(0, 1));
        Assert.Equal(3, calls);
    }
}
