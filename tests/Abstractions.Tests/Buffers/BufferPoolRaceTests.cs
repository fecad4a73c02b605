using Nvmf.Abstractions.Buffers;
using Nvmf.Testing;
using static Nvmf.Abstractions.Tests.Buffers.BufferLeaseTests;

namespace Nvmf.Abstractions.Tests.Buffers;

/// <summary>The interleavings that the lock-free lists were designed for, made to happen: the "other thread" runs inside the race point.</summary>
public sealed class BufferPoolRaceTests : IDisposable
{
    private const BufferPriority InputOutput = BufferPriority.InputOutput;

    public void Dispose()
    {
        bool missed = RacePoint.Passed is not null;
        RacePoint.Passed = null;
        Assert.False(missed, "The moment never came.");
    }

    [SkippableFact]
    public void A_release_between_the_last_look_and_the_closing_of_the_gate_is_seen()
    {
        using var pool = new PoisonedPool(4096, 0);
        BufferLease held = Rent(pool, 4096);
        At(RaceMoment.Queueing, held.Release);
        Assert.True(pool.Pool.RentOrWait(4096, InputOutput, new TestWaiter(), out BufferLease lease));
        Assert.Equal(0, pool.Pool.Statistics.Waiters);
        lease.Release();
    }

    [SkippableFact]
    public void Releases_to_a_slab_that_is_being_unlisted_reach_those_who_wait()
    {
        using var pool = new PoisonedPool(8192, 0);
        BufferLease first = Rent(pool, 4096), second = Rent(pool, 4096);
        var waiter = new TestWaiter();
        At(RaceMoment.Unlisting, () =>
        {
            Assert.False(pool.Pool.RentOrWait(4096, InputOutput, waiter, out _));
            first.Release();
            second.Release();
        });
        BufferLease lease = Rent(pool, 4096);
        Assert.Equal(1, waiter.Turns);
        lease.Release();
        waiter.Lease.Release();
    }

    [SkippableFact]
    public void A_slab_about_to_be_listed_is_not_cut_anew_but_then_is()
    {
        using var pool = new PoisonedPool(65536, 0);
        List<BufferLease> small = BufferPoolLimitTests.RentAll(pool, 4096, InputOutput);
        var waiter = new TestWaiter();
        At(RaceMoment.Listing, () =>
        {
            // The first release is about to list the slab; the others trust that it is listed.
            small.Skip(1).ToList().ForEach(lease => lease.Release());
            Assert.False(pool.Pool.RentOrWait(65536, InputOutput, waiter, out _));
            Assert.Equal(0, waiter.Turns);
        });
        small[0].Release();
        Assert.Equal(1, waiter.Turns);
        Assert.False(pool.Pool.TryRent(4096, InputOutput, out _));
        waiter.Lease.Release();
        List<BufferLease> again = BufferPoolLimitTests.RentAll(pool, 4096, InputOutput);
        Assert.Equal(16, again.Select(Address).Distinct().Count());
        again.ForEach(lease => lease.Release());
    }

    [SkippableFact]
    public void A_list_that_looks_the_same_but_is_not_loses_no_block()
    {
        using var pool = new PoisonedPool(12288, 0);
        BufferLease[] blocks = [Rent(pool, 4096), Rent(pool, 4096), Rent(pool, 4096)];
        nint[] addresses = [.. blocks.Select(Address)];
        blocks[2].Release();
        blocks[1].Release();
        blocks[0].Release();
        At(RaceMoment.Popping, () =>
        {
            // The list was 0, 1, 2 and becomes 0, 2, 1: same first block, same length.
            BufferLease[] popped = [Rent(pool, 4096), Rent(pool, 4096), Rent(pool, 4096)];
            popped[1].Release();
            popped[2].Release();
            popped[0].Release();
        });
        BufferLease[] rented = [Rent(pool, 4096), Rent(pool, 4096), Rent(pool, 4096)];
        Assert.Equal(addresses.Order(), rented.Select(Address).Order());
        Array.ForEach(rented, lease => lease.Release());
    }

    [SkippableFact]
    public void A_renter_that_finds_the_list_empty_during_a_withdrawal_waits_for_its_outcome()
    {
        using var pool = new PoisonedPool(4 << 20, 0);
        BufferLease keep = Rent(pool, 4096);
        List<BufferLease> others = BufferPoolLimitTests.RentAll(pool, 4096, InputOutput);
        others.ForEach(lease => lease.Release());
        bool rented = false;
        Thread? thread = null;
        At(RaceMoment.Withdrawing, () =>
        {
            thread = new Thread(() =>
            {
                rented = pool.Pool.TryRent(4096, InputOutput, out BufferLease lease);
                lease.Release();
            });
            thread.Start();

            // It can only be waiting for the lock that this thread holds, or not have come so far: both end well.
            Thread.Yield();
        });
        BufferLease large = Rent(pool, 1 << 20);
        Assert.True(thread!.Join(TimeSpan.FromSeconds(30)));
        Assert.True(rented);
        large.Release();
        keep.Release();
    }

    private static void At(RaceMoment moment, Action action)
    {
        Skip.IfNot(RacePoint.IsOn, "Race points exist in debug builds only.");
        RacePoint.Passed = passed =>
        {
            if (passed == moment)
            {
                RacePoint.Passed = null;
                action();
            }
        };
    }
}
