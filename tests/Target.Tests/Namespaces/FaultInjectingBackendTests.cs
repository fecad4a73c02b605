using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Testing;

namespace Nvmf.Target.Tests.Namespaces;

public sealed class FaultInjectingBackendTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly PoisonedPool _pool = new();
    private readonly byte[] _block = BackendExtensions.RandomBytes(512, 1);

    public void Dispose() => _pool.Dispose();

    private static FaultInjectingBackend Wrap(int seed = 1, TimeProvider? time = null) => new(new MemoryBackend(1 << 20), seed, time);

    [Fact]
    public async Task Without_rules_it_is_the_inner_back_end()
    {
        await using FaultInjectingBackend backend = Wrap();
        var request = new TestRequest().Set(BackendOperation.Flush).Submit(backend);
        Assert.True(request.WasInline);
        Assert.Equal(NvmeStatus.Success, backend.Write(_pool, 1, _block));
        Assert.Equal(_block, backend.Read(_pool, 1, 1));
        Assert.Equal(2048UL, backend.BlockCount);
        Assert.True(backend.DeallocatedBlocksReadZeroes);
    }

    [Fact]
    public async Task A_status_before_execution_leaves_no_trace()
    {
        await using FaultInjectingBackend backend = Wrap();
        backend.SetRules(new FaultRule { Operation = BackendOperation.Write, Status = NvmeStatus.WriteFault });
        Assert.Equal(NvmeStatus.WriteFault, backend.Write(_pool, 1, _block));
        Assert.Equal(new byte[512], backend.Read(_pool, 1, 1));
    }

    [Fact]
    public async Task A_status_after_execution_hides_that_it_was_done()
    {
        await using FaultInjectingBackend backend = Wrap();
        backend.SetRules(new FaultRule { Operation = BackendOperation.Write, Status = NvmeStatus.WriteFault, BeforeExecution = false });
        Assert.Equal(NvmeStatus.WriteFault, backend.Write(_pool, 1, _block));
        Assert.Equal(_block, backend.Read(_pool, 1, 1));
    }

    [Fact]
    public async Task The_first_matching_rule_applies_as_often_as_it_may()
    {
        await using FaultInjectingBackend backend = Wrap();
        backend.SetRules(
            new FaultRule { When = request => request.StartBlock == 7, Limit = 2, Status = NvmeStatus.UnrecoveredReadError },
            new FaultRule { Operation = BackendOperation.Read, Status = NvmeStatus.InternalError, Limit = 1 });
        Assert.Equal(NvmeStatus.UnrecoveredReadError, backend.Read(_pool, 7, new byte[512]));
        Assert.Equal(NvmeStatus.InternalError, backend.Read(_pool, 8, new byte[512]));
        Assert.Equal(NvmeStatus.Success, backend.Read(_pool, 8, new byte[512]));
        Assert.Equal(NvmeStatus.UnrecoveredReadError, backend.Write(_pool, 7, _block));
        Assert.Equal(NvmeStatus.Success, backend.Write(_pool, 7, _block));
    }

    [Fact]
    public async Task A_rate_is_random_and_the_same_for_the_same_seed()
    {
        int[] failures = new int[2];
        for (int run = 0; run < 2; run++)
        {
            await using FaultInjectingBackend backend = Wrap(seed: 42);
            Assert.Equal(42, backend.Seed);
            backend.SetRules(new FaultRule { Rate = 0.25, Status = NvmeStatus.InternalError });
            for (int i = 0; i < 1000; i++)
            {
                failures[run] += backend.Flush().IsSuccess ? 0 : 1;
            }
        }

        Assert.Equal(failures[0], failures[1]);
        Assert.InRange(failures[0], 200, 300);
    }

    [Fact]
    public async Task A_delay_goes_by_the_clock()
    {
        var time = new ManualTimeProvider();
        await using FaultInjectingBackend backend = Wrap(time: time);
        backend.SetRules(new FaultRule { Operation = BackendOperation.Write, Delay = TimeSpan.FromSeconds(5) });
        var lease = _pool.Pool.Rent(512);
        _block.CopyTo(lease.Span);
        TestRequest write = new TestRequest().Set(BackendOperation.Write, 1, 1, lease).Submit(backend);
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(write.IsComplete);
        Assert.Equal(new byte[512], backend.Read(_pool, 1, 1));
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(NvmeStatus.Success, write.Wait());
        Assert.Equal(_block, backend.Read(_pool, 1, 1));
        lease.Release();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_held_never_completes_until_it_is_released(bool beforeExecution)
    {
        await using FaultInjectingBackend backend = Wrap();
        backend.SetRules(new FaultRule { Operation = BackendOperation.Write, Hold = true, BeforeExecution = beforeExecution });
        var lease = _pool.Pool.Rent(512);
        _block.CopyTo(lease.Span);
        TestRequest[] writes = [.. Enumerable.Range(0, 5).Select(i => new TestRequest().Set(BackendOperation.Write, (ulong)i, 1, lease).Submit(backend))];

        Assert.Equal(5, backend.HeldCount);
        Assert.Equal(beforeExecution ? new byte[512] : _block, backend.Read(_pool, 4, 1));
        Assert.All(writes, write => Assert.False(write.IsComplete));
        Assert.Equal(5, backend.ReleaseHeld());
        Assert.All(writes, write => Assert.Equal(NvmeStatus.Success, write.Wait()));
        Assert.Equal(_block, backend.Read(_pool, 4, 1));
        Assert.Equal(0, backend.HeldCount);
        lease.Release();
    }

    [Fact]
    public async Task Completions_can_come_from_elsewhere()
    {
        await using FaultInjectingBackend backend = Wrap();
        backend.SetRules(new FaultRule { CompleteElsewhere = true }, new FaultRule { Status = NvmeStatus.InternalError });
        TestRequest flush = new TestRequest().Set(BackendOperation.Flush).Submit(backend);
        Assert.False(flush.WasInline);
        Assert.Equal(NvmeStatus.Success, flush.Wait());
    }

    [Fact]
    public async Task Shuffled_requests_all_complete_and_in_another_order()
    {
        await using FaultInjectingBackend backend = Wrap();
        backend.SetRules(new FaultRule { Shuffle = true });
        bool shuffled = false;
        for (int round = 0; round < 200 && !shuffled; round++)
        {
            List<int> order = [];
            using var all = new CountdownEvent(16);
            for (int i = 0; i < 16; i++)
            {
                Assert.False(backend.Submit(new OrderedRequest(i, order, all) { Operation = BackendOperation.Flush }, out _));
            }

            Assert.True(all.Wait(Deadline));
            Assert.Equal(Enumerable.Range(0, 16), order.Order());
            shuffled = !order.SequenceEqual(order.Order());
        }

        Assert.True(shuffled);
    }

    [Fact]
    public async Task Disposal_releases_what_is_held_and_waits_for_it()
    {
        FaultInjectingBackend backend = Wrap();
        backend.SetRules(new FaultRule { Hold = true });
        TestRequest[] flushes = [.. Enumerable.Range(0, 5).Select(_ => new TestRequest().Set(BackendOperation.Flush).Submit(backend))];
        await backend.DisposeAsync().AsTask().WaitAsync(Deadline);
        Assert.All(flushes, flush => Assert.True(flush.IsComplete));
    }

    [Fact]
    public async Task Resizing_is_passed_on()
    {
        var inner = new MemoryBackend(1 << 20);
        await using var backend = new FaultInjectingBackend(inner);
        int resized = 0;
        backend.Resized += () => resized++;
        inner.Resize(10);
        Assert.Equal(1, resized);
        Assert.Equal(10UL, backend.BlockCount);
    }

    private sealed class OrderedRequest(int number, List<int> order, CountdownEvent all) : BackendRequest
    {
        public override void Complete(NvmeStatus status)
        {
            lock (order)
            {
                order.Add(number);
            }

            all.Signal();
        }
    }
}
