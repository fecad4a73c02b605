using Nvmf.Abstractions.Buffers;
using Nvmf.Testing;
using static Nvmf.Abstractions.Tests.Buffers.BufferLeaseTests;

namespace Nvmf.Abstractions.Tests.Buffers;

/// <summary>Waiting for a turn, in one thread.</summary>
public sealed class BufferWaiterTests : IDisposable
{
    private const BufferPriority InputOutput = BufferPriority.InputOutput;
    private const BufferPriority Administration = BufferPriority.Administration;

    // Sixteen blocks of 4 KiB, or one of 64 KiB.
    private readonly PoisonedPool _pool = new(65536, 0);

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void Turns_come_in_order_and_nobody_overtakes()
    {
        List<BufferLease> all = BufferPoolLimitTests.RentAll(_pool, 4096, InputOutput);
        TestWaiter[] waiters = [Wait(4096), Wait(4096), Wait(4096)];
        Assert.Equal(3, _pool.Pool.Statistics.Waiters);

        for (int i = 0; i < waiters.Length; i++)
        {
            all[i].Release();
            Assert.Equal(Enumerable.Range(0, 3).Select(j => j <= i ? 1 : 0), waiters.Select(waiter => waiter.Turns));
            Assert.False(_pool.Pool.TryRent(1, InputOutput, out _));
        }

        all.Skip(3).Concat(waiters.Select(waiter => waiter.Lease)).ToList().ForEach(lease => lease.Release());
    }

    [Fact]
    public void A_large_request_is_not_starved_by_small_ones()
    {
        List<BufferLease> all = BufferPoolLimitTests.RentAll(_pool, 4096, InputOutput);
        TestWaiter large = Wait(65536);
        TestWaiter small = Wait(4096);
        foreach (BufferLease lease in all)
        {
            Assert.Equal(0, large.Turns);
            Assert.False(_pool.Pool.TryRent(1, InputOutput, out _));
            lease.Release();
        }

        Assert.Equal(1, large.Turns);
        Assert.Equal(0, small.Turns);
        large.Lease.Release();
        small.Lease.Release();
    }

    [Fact]
    public void Administration_goes_first_and_may_overtake_IO()
    {
        List<BufferLease> all = BufferPoolLimitTests.RentAll(_pool, 4096, InputOutput);
        TestWaiter io = Wait(4096);
        TestWaiter admin = Wait(4096, Administration);
        all[0].Release();
        Assert.Equal((1, 0), (admin.Turns, io.Turns));

        TestWaiter large = Wait(65536, Administration);
        all[1].Release();
        Assert.Equal((0, 0), (large.Turns, io.Turns));
        Assert.False(_pool.Pool.TryRent(4096, Administration, out _));
        Assert.True(_pool.Pool.CancelWait(large));
        Assert.Equal(1, io.Turns);

        all.Skip(2).Append(io.Lease).Append(admin.Lease).ToList().ForEach(lease => lease.Release());
        Assert.Equal(0, large.Turns);
    }

    [Fact]
    public void Administration_finds_the_reserve_while_IO_waits()
    {
        using var pool = new PoisonedPool(65536 + 8192, 8192);
        List<BufferLease> all = BufferPoolLimitTests.RentAll(pool, 4096, InputOutput);
        var io = new TestWaiter();
        Assert.False(pool.Pool.RentOrWait(4096, InputOutput, io, out _));
        List<BufferLease> reserve = BufferPoolLimitTests.RentAll(pool, 4096, Administration);
        Assert.Equal(2, reserve.Count);

        var admin = new TestWaiter();
        Assert.False(pool.Pool.RentOrWait(4096, Administration, admin, out _));
        reserve[0].Release();
        Assert.Equal((1, 0), (admin.Turns, io.Turns));
        admin.Lease.Release();
        Assert.Equal(0, io.Turns);
        all[0].Release();
        Assert.Equal(1, io.Turns);
        all.Skip(1).Append(io.Lease).Append(reserve[1]).ToList().ForEach(lease => lease.Release());
    }

    [Fact]
    public void A_cancelled_waiter_is_never_called_and_holds_nobody_up()
    {
        List<BufferLease> all = BufferPoolLimitTests.RentAll(_pool, 4096, InputOutput);
        TestWaiter large = Wait(65536);
        TestWaiter middle = Wait(4096);
        TestWaiter small = Wait(4096);
        all[0].Release();
        Assert.Equal(0, small.Turns);

        Assert.True(_pool.Pool.CancelWait(middle));
        Assert.False(_pool.Pool.CancelWait(middle));
        Assert.True(_pool.Pool.CancelWait(large));
        Assert.Equal((0, 0, 1), (large.Turns, middle.Turns, small.Turns));
        Assert.False(_pool.Pool.CancelWait(small));
        Assert.False(_pool.Pool.CancelWait(new TestWaiter()));
        Assert.Equal(0, _pool.Pool.Statistics.Waiters);

        all.Skip(1).Append(small.Lease).ToList().ForEach(lease => lease.Release());
        Assert.Equal(16, BufferPoolLimitTests.RentAll(_pool, 4096, InputOutput).Select(lease => { lease.Release(); return 1; }).Count());
    }

    [Fact]
    public void A_waiter_waits_once_at_a_time()
    {
        BufferLease all = Rent(_pool, 65536);
        TestWaiter waiter = Wait(4096);
        Assert.Throws<InvalidOperationException>(() => _pool.Pool.RentOrWait(4096, InputOutput, waiter, out _));
        all.Release();
        waiter.Lease.Release();
        Assert.Equal(1, waiter.Turns);
    }

    [Fact]
    public void A_waiter_may_wait_again_from_inside_its_turn()
    {
        BufferLease all = Rent(_pool, 65536);
        var waiter = new TestWaiter(self =>
        {
            if (self.Turns == 1)
            {
                BufferLease first = self.Lease;
                Assert.False(_pool.Pool.RentOrWait(65536, InputOutput, self, out _));
                first.Release();
            }
        });
        Assert.False(_pool.Pool.RentOrWait(4096, InputOutput, waiter, out _));
        all.Release();
        Assert.Equal(2, waiter.Turns);
        waiter.Lease.Release();
    }

    [Fact]
    public void Turns_that_release_at_once_do_not_nest()
    {
        BufferLease all = Rent(_pool, 65536);
        int depth = 0, deepest = 0, turns = 0;
        for (int i = 0; i < 1000; i++)
        {
            Assert.False(_pool.Pool.RentOrWait(65536, InputOutput, new TestWaiter(self =>
            {
                deepest = Math.Max(deepest, ++depth);
                turns++;
                self.Lease.Release();
                depth--;
            }), out _));
        }

        all.Release();
        Assert.Equal((1000, 1), (turns, deepest));
    }

    [Fact]
    public void A_turn_that_throws_does_not_cost_the_others_theirs()
    {
        List<BufferLease> all = BufferPoolLimitTests.RentAll(_pool, 4096, InputOutput);
        TestWaiter large = Wait(65536);
        var bad = new TestWaiter(self => throw new InvalidOperationException("bad"));
        Assert.False(_pool.Pool.RentOrWait(4096, InputOutput, bad, out _));
        TestWaiter good = Wait(4096);
        all[0].Release();
        all[1].Release();

        Assert.Equal("bad", Assert.Throws<InvalidOperationException>(() => _pool.Pool.CancelWait(large)).Message);
        Assert.Equal((1, 1), (bad.Turns, good.Turns));
        all.Skip(2).Append(bad.Lease).Append(good.Lease).ToList().ForEach(lease => lease.Release());
    }

    private TestWaiter Wait(int length, BufferPriority priority = InputOutput)
    {
        var waiter = new TestWaiter();
        Assert.False(_pool.Pool.RentOrWait(length, priority, waiter, out BufferLease lease));
        Assert.True(lease.IsEmpty);
        return waiter;
    }
}
