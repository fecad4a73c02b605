using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.EventLoop.Native;
using Nvmf.Target.Namespaces;
using Nvmf.Testing;

namespace Nvmf.Target.Tests.Namespaces;

/// <summary>Who waits for the disk: never the one who submits.</summary>
public sealed class FileBackendThreadTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly BackendOperation[] AllOperations = Enum.GetValues<BackendOperation>();

    private static FileBackend Open(FakeFileDevice device, int threads = 2) =>
        new(device, "fake", new FileBackendOptions { MaxThreads = threads });

    [Fact]
    public async Task Nothing_that_may_wait_runs_on_the_submitting_thread()
    {
        using var pool = new PoisonedPool();
        var device = new FakeFileDevice(1 << 20) { SupportsHoles = true, SupportsZeroRange = true };
        await using FileBackend backend = Open(device);
        BufferLease lease = pool.Pool.Rent(4096);
        device.Gate.Reset();
        TestRequest[] requests =
        [
            new TestRequest().Set(BackendOperation.Read, 0, 8, lease).Submit(backend),
            new TestRequest().Set(BackendOperation.Write, 100, 8, lease).Submit(backend),
            new TestRequest().Set(BackendOperation.Write, 200, 8, lease, durable: true).Submit(backend),
            new TestRequest().Set(BackendOperation.WriteZeroes, 300, 8).Submit(backend),
            new TestRequest().Set(BackendOperation.Deallocate, 400, 8).Submit(backend),
            new TestRequest().Set(BackendOperation.Flush).Submit(backend),
        ];

        // We are here although the disk answers nothing.
        Assert.All(requests, request => Assert.False(request.IsComplete));
        device.Gate.Set();
        Assert.All(requests, request => Assert.Equal(NvmeStatus.Success, request.Wait()));
        Assert.All(requests, request => Assert.NotEqual(Environment.CurrentManagedThreadId, request.CompletedOnThread));
        Assert.All(device.Blocking, call => Assert.NotEqual(Environment.CurrentManagedThreadId, call.Thread));
        Assert.Equal(
            ["Flush", "PunchHole", "Read", "Sync", "Write", "WriteDurably", "ZeroRange"],
            device.Blocking.Select(call => call.Call).Append("Flush").Distinct().Order());
        lease.Release();
    }

    [Fact]
    public async Task Shrinking_waits_for_a_write_that_is_under_way()
    {
        using var pool = new PoisonedPool();
        var device = new FakeFileDevice(1 << 20);
        await using FileBackend backend = Open(device);
        BufferLease lease = pool.Pool.Rent(4096);
        device.Gate.Reset();
        TestRequest write = new TestRequest().Set(BackendOperation.Write, 1000, 8, lease).Submit(backend);
        Assert.True(SpinWait.SpinUntil(() => device.AtGate == 1, Deadline));

        // It would make the file longer again. Waiting is for ever while the gate is closed, so this window can only be too kind.
        Task resize = Task.Run(() => backend.Resize(100));
        await Task.WhenAny(resize, Task.Delay(200));
        Assert.False(resize.IsCompleted);
        Assert.Equal(1 << 20, device.Length);

        device.Gate.Set();
        await resize.WaitAsync(Deadline);
        Assert.Equal(NvmeStatus.Success, write.Wait());
        Assert.Equal(100 * 512, device.Length);
        lease.Release();
    }

    [Fact]
    public async Task What_needs_no_wait_is_answered_inline()
    {
        using var pool = new PoisonedPool();
        var device = new FakeFileDevice(1 << 20) { SupportsNow = true };
        await using FileBackend backend = Open(device);
        BufferLease lease = pool.Pool.Rent(4096);
        var request = new TestRequest();

        Assert.True(request.Set(BackendOperation.Write, 0, 8, lease).Submit(backend).WasInline);
        Assert.True(request.Set(BackendOperation.Read, 0, 8, lease).Submit(backend).WasInline);
        Assert.Empty(device.Blocking);

        device.Fault = call => call.EndsWith("Now", StringComparison.Ordinal) ? -Errno.EAGAIN : 0;
        Assert.False(request.Set(BackendOperation.Write, 0, 8, lease).Submit(backend).WasInline);
        Assert.Equal(NvmeStatus.Success, request.Wait());
        Assert.False(request.Set(BackendOperation.Read, 0, 8, lease).Submit(backend).WasInline);
        Assert.Equal(NvmeStatus.Success, request.Wait());

        // "Not now" is not "never".
        device.Fault = _ => 0;
        Assert.True(request.Set(BackendOperation.Read, 0, 8, lease).Submit(backend).WasInline);
        lease.Release();
    }

    [Fact]
    public async Task A_file_system_that_always_waits_is_asked_once()
    {
        using var pool = new PoisonedPool();
        int asked = 0;
        var device = new FakeFileDevice(1 << 20)
        {
            SupportsNow = true,
            Fault = call => call.EndsWith("Now", StringComparison.Ordinal) && Interlocked.Increment(ref asked) > 0 ? -Errno.EOPNOTSUPP : 0,
        };
        await using FileBackend backend = Open(device);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(NvmeStatus.Success, backend.Write(pool, 0, new byte[4096]));
            Assert.Equal(NvmeStatus.Success, backend.Read(pool, 0, new byte[4096]));
        }

        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_slow_flush_takes_one_thread_and_serves_all_who_wait()
    {
        using var pool = new PoisonedPool();
        using var syncing = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var device = new FakeFileDevice(1 << 20);
        device.Fault = call =>
        {
            if (call == "Sync")
            {
                syncing.Set();
                release.Wait(TimeSpan.FromSeconds(10));
            }

            return 0;
        };
        await using FileBackend backend = Open(device);
        TestRequest first = new TestRequest().Set(BackendOperation.Flush).Submit(backend);
        Assert.True(syncing.Wait(Deadline));
        TestRequest[] flushes = [.. Enumerable.Range(0, 50).Select(_ => new TestRequest().Set(BackendOperation.Flush).Submit(backend))];

        // The other thread is free for writes, and these flushes came after the sync began.
        Assert.Equal(NvmeStatus.Success, backend.Write(pool, 0, new byte[512]));
        Assert.False(first.IsComplete);
        Assert.All(flushes, flush => Assert.False(flush.IsComplete));
        release.Set();
        Assert.All(flushes, flush => Assert.Equal(NvmeStatus.Success, flush.Wait()));
        Assert.Equal(NvmeStatus.Success, first.Wait());
        Assert.Equal(2, device.Syncs);
    }

    [Fact]
    public async Task A_flush_with_nothing_to_flush_needs_no_disk()
    {
        using var pool = new PoisonedPool();
        var device = new FakeFileDevice(1 << 20) { SupportsNow = true };
        await using FileBackend backend = Open(device);
        var flush = new TestRequest().Set(BackendOperation.Flush);

        // At first others may have written.
        Assert.Equal(NvmeStatus.Success, flush.Run(backend));
        Assert.Equal(1, device.Syncs);

        // Answered inline, or by the thread when the end of the first flush is still under way.
        Assert.Equal(NvmeStatus.Success, flush.Run(backend));
        Assert.Equal(1, device.Syncs);
        backend.Write(pool, 0, new byte[512]);
        Assert.Equal(NvmeStatus.Success, flush.Run(backend));
        Assert.Equal(2, device.Syncs);
        Assert.Equal(NvmeStatus.Success, backend.Deallocate(0, 8));
        Assert.Equal(NvmeStatus.Success, flush.Run(backend));
        Assert.Equal(3, device.Syncs);
    }

    [Fact]
    public async Task One_thread_works_in_order_of_arrival()
    {
        var device = new FakeFileDevice(1 << 20) { SupportsZeroRange = true };
        List<ulong> order = [];
        await using (FileBackend backend = Open(device, threads: 1))
        {
            device.Gate.Reset();
            for (ulong i = 0; i < 100; i++)
            {
                new NotingRequest(order) { Operation = BackendOperation.WriteZeroes, StartBlock = i, BlockCount = 1 }.Submit(backend);
            }

            device.Gate.Set();
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (ulong)i), order);
    }

    [Fact]
    public async Task Disposal_finishes_what_was_submitted_and_syncs()
    {
        using var pool = new PoisonedPool();
        var device = new FakeFileDevice(1 << 20);
        FileBackend backend = Open(device, threads: 3);
        BufferLease lease = pool.Pool.Rent(512);
        device.Gate.Reset();
        TestRequest[] requests =
            [.. Enumerable.Range(0, 40).Select(i => new TestRequest().Set(BackendOperation.Write, (ulong)i, 1, lease).Submit(backend))];
        Task disposal = backend.DisposeAsync().AsTask();
        Assert.False(device.IsDisposed);
        device.Gate.Set();
        await disposal.WaitAsync(Deadline);

        Assert.All(requests, request => Assert.True(request.IsComplete && request.Status.IsSuccess));
        Assert.True(device.IsDisposed);
        Assert.Equal(NvmeStatus.InternalError, requests[0].Set(BackendOperation.Write, 0, 1, lease).Run(backend));
        Assert.Equal(1, device.Syncs);
        Assert.Equal("Sync", device.Blocking.Last().Call);
        lease.Release();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_allocates_nothing(bool inline)
    {
        using var pool = new PoisonedPool();
        var device = new FakeFileDevice(1 << 20) { SupportsNow = inline, SupportsHoles = true, SupportsZeroRange = true };
        await using FileBackend backend = Open(device, threads: 1);
        BufferLease lease = pool.Pool.Rent(4096);
        var request = new SpinningRequest();

        // What a request allocates shows in every window; what the runtime allocates once (a thread's first look at something) in one of them.
        (long Submitting, long Working) least = (long.MaxValue, long.MaxValue);
        for (int window = 0; window < 5 && least != (0, 0); window++)
        {
            RunAll(count: 200);
            (long submitting, long working) = (GC.GetAllocatedBytesForCurrentThread(), device.AllocatedByThreads);
            RunAll(count: 1000);
            submitting = GC.GetAllocatedBytesForCurrentThread() - submitting;
            working = device.AllocatedByThreads - working;
            least = (Math.Min(least.Submitting, submitting), Math.Min(least.Working, working));
        }

        lease.Release();
        Assert.Equal((0, 0), least);

        void RunAll(int count)
        {
            for (int i = 0; i < count; i++)
            {
                foreach (BackendOperation operation in AllOperations)
                {
                    bool hasData = operation is BackendOperation.Read or BackendOperation.Write;
                    request.Run(backend, operation, hasData ? lease : default);
                }
            }
        }
    }

    private sealed class NotingRequest(List<ulong> order) : BackendRequest
    {
        public void Submit(NamespaceBackend backend) => Assert.False(backend.Submit(this, out _));

        public override void Complete(NvmeStatus status) => order.Add(StartBlock);
    }

    private sealed class SpinningRequest : BackendRequest
    {
        private volatile bool _complete;

        public void Run(NamespaceBackend backend, BackendOperation operation, BufferLease data)
        {
            (Operation, StartBlock, BlockCount, Data) = (operation, 8, operation == BackendOperation.Flush ? 0UL : 8, data);
            _complete = false;
            if (backend.Submit(this, out _))
            {
                return;
            }

            var spinner = default(SpinWait);
            while (!_complete)
            {
                spinner.SpinOnce();
            }
        }

        public override void Complete(NvmeStatus status) => _complete = true;
    }
}
