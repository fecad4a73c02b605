using Nvmf.Abstractions.Buffers;
using Nvmf.Testing;
using Xunit.Abstractions;

namespace Nvmf.Abstractions.Tests.Buffers;

/// <summary>One user of a pool cannot take it all.</summary>
public sealed class BufferShareTests(ITestOutputHelper output) : IDisposable
{
    private const BufferPriority InputOutput = BufferPriority.InputOutput;
    private const int Block = 4096;

    private const int Blocks = 340;

    // What one alone gets, and a second one then: held ≤ free / 16.
    private const int Alone = 20;
    private const int Second = 18;
    private readonly PoisonedPool _pool = new(Blocks * Block, 0);

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void One_alone_gets_a_part()
    {
        BufferShare share = _pool.Pool.CreateShare();
        List<BufferLease> leases = RentAll(share);
        Assert.Equal(Alone, leases.Count);
        Assert.Equal(Alone * Block, share.HeldBytes);
        leases.ForEach(lease => lease.Release());
        Assert.Equal(0, share.HeldBytes);
        Assert.Equal(Alone, RentAll(share).Select(Release).Count());
    }

    [Fact]
    public void Many_leave_some_for_the_next()
    {
        List<BufferLease>[] greedy = [.. Enumerable.Range(0, 32).Select(_ => RentAll(_pool.Pool.CreateShare()))];
        Assert.Equal([Alone, Second, 17], greedy[..3].Select(leases => leases.Count));
        Assert.True(Blocks - greedy.Sum(leases => leases.Count) > Blocks / 8);
        Rent(_pool.Pool.CreateShare()).Release();
        greedy.SelectMany(leases => leases).ToList().ForEach(lease => lease.Release());
    }

    [Fact]
    public void Whoever_has_nothing_gets_a_block_while_another_stays_free()
    {
        List<BufferLease> leases = [.. Enumerable.Range(0, Blocks - 1).Select(_ => Rent(_pool.Pool.CreateShare()))];
        Assert.False(_pool.Pool.TryRent(1, InputOutput, _pool.Pool.CreateShare(), out _));
        leases.ForEach(lease => lease.Release());
    }

    [Fact]
    public void A_request_for_the_whole_pool_is_served_when_nobody_has_anything()
    {
        using var pool = new PoisonedPool(Block, 0);
        BufferShare share = pool.Pool.CreateShare();
        Assert.True(pool.Pool.TryRent(Block, InputOutput, share, out BufferLease first));
        var waiter = new TestWaiter();
        Assert.False(pool.Pool.RentOrWait(Block, InputOutput, pool.Pool.CreateShare(), waiter, out _));
        first.Release();
        Assert.Equal(1, waiter.Turns);
        waiter.Lease.Release();
    }

    [Fact]
    public void Requests_over_the_share_do_not_stand_in_the_way_of_others()
    {
        BufferShare greedy = _pool.Pool.CreateShare();
        List<BufferLease> leases = RentAll(greedy);
        TestWaiter[] waiters = [.. Enumerable.Range(0, 100).Select(_ => Wait(greedy))];
        Assert.Equal(100, _pool.Pool.Statistics.Waiters);
        Rent(_pool.Pool.CreateShare()).Release();
        Assert.Equal(Alone * Block, greedy.HeldBytes);

        // They come in their order, one for one.
        for (int i = 0; i < waiters.Length; i++)
        {
            Assert.Equal(0, waiters[i].Turns);
            (i < leases.Count ? leases[i] : waiters[i - leases.Count].Lease).Release();
            Assert.Equal(1, waiters[i].Turns);
        }

        foreach (TestWaiter waiter in waiters[^Alone..])
        {
            waiter.Lease.Release();
        }

        Assert.Equal(0, _pool.Pool.Statistics.Waiters);
    }

    [Fact]
    public void What_others_release_raises_the_share()
    {
        BufferShare one = _pool.Pool.CreateShare();
        BufferShare other = _pool.Pool.CreateShare();
        List<BufferLease> mine = RentAll(one);
        List<BufferLease> theirs = RentAll(other);
        TestWaiter waiter = Wait(other);
        mine[0].Release();
        mine[1].Release();
        Assert.Equal(0, waiter.Turns);
        mine[2].Release();
        Assert.Equal(1, waiter.Turns);
        mine.Skip(3).Concat(theirs).Append(waiter.Lease).ToList().ForEach(lease => lease.Release());
    }

    [Fact]
    public void A_retained_lease_counts_until_the_last_reference()
    {
        BufferShare share = _pool.Pool.CreateShare();
        BufferLease lease = Rent(share);
        BufferLease slice = lease.Slice(0, 10).Retain();
        lease.Release();
        Assert.Equal(Block, share.HeldBytes);
        slice.Release();
        Assert.Equal(0, share.HeldBytes);
    }

    [Fact]
    public void A_waiter_can_be_withdrawn_from_the_share_and_from_the_queue()
    {
        BufferShare greedy = _pool.Pool.CreateShare();
        List<BufferLease> leases = RentAll(greedy);
        TestWaiter inShare = Wait(greedy);
        TestWaiter behind = Wait(greedy);
        Assert.True(_pool.Pool.CancelWait(inShare));
        leases[0].Release();
        Assert.Equal((0, 1), (inShare.Turns, behind.Turns));

        List<BufferLease> rest = BufferPoolLimitTests.RentAll(_pool, Block, InputOutput);
        BufferShare late = _pool.Pool.CreateShare();
        TestWaiter inQueue = Wait(late);
        Assert.Equal(Block, late.HeldBytes);
        Assert.True(_pool.Pool.CancelWait(inQueue));
        Assert.Equal(0, late.HeldBytes);
        leases.Skip(1).Append(behind.Lease).Concat(rest).ToList().ForEach(lease => lease.Release());
        Assert.Equal(0, inQueue.Turns);
    }

    [Fact]
    public void A_refused_second_wait_is_not_charged()
    {
        List<BufferLease> rest = BufferPoolLimitTests.RentAll(_pool, Block, InputOutput);
        BufferShare share = _pool.Pool.CreateShare();
        TestWaiter waiter = Wait(share);
        Assert.Throws<InvalidOperationException>(() => _pool.Pool.RentOrWait(Block, InputOutput, share, waiter, out _));
        Assert.Equal(Block, share.HeldBytes);
        rest.ForEach(lease => lease.Release());
        waiter.Lease.Release();
        Assert.Equal(0, share.HeldBytes);
    }

    [Fact]
    public void Quarantined_memory_is_not_free_for_others()
    {
        BufferShare dead = _pool.Pool.CreateShare();
        foreach (BufferLease lease in RentAll(dead))
        {
            lease.Quarantine();
        }

        Assert.Equal(Second, RentAll(_pool.Pool.CreateShare()).Select(Release).Count());
    }

    [Fact]
    public void A_share_belongs_to_its_pool()
    {
        using var other = new PoisonedPool(Block, 0);
        Assert.Throws<ArgumentException>(() => _pool.Pool.TryRent(1, InputOutput, other.Pool.CreateShare(), out _));
    }

    /// <summary>Threads with shares of their own, each with more requests than its part: everybody is served, and nothing stays charged.</summary>
    [Fact]
    public async Task Under_contention_every_request_gets_its_turn()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        BufferShare[] shares = [.. Enumerable.Range(0, 4).Select(_ => _pool.Pool.CreateShare())];
        Task[] users = [.. Enumerable.Range(0, 8).Select(i => Task.Run(() => UseAsync(shares[i % 4], new Random(seed + i))))];
        await Task.WhenAll(users).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.All(shares, share => Assert.Equal(0, share.HeldBytes));
        Assert.Equal(0, _pool.Pool.Statistics.Waiters);
        Assert.Equal(0, _pool.Pool.Statistics.RentedBytes);
        Assert.Equal(Alone, RentAll(shares[0]).Select(Release).Count());
    }

    private async Task UseAsync(BufferShare share, Random random)
    {
        for (int round = 0; round < 300; round++)
        {
            // Whoever holds memory never waits for more.
            await Task.WhenAll(Enumerable.Range(0, random.Next(1, 40)).Select(_ => RentAndReleaseAsync(share, keep: random.Next(8) == 0)));
        }
    }

    private async Task RentAndReleaseAsync(BufferShare share, bool keep)
    {
        BufferLease lease = await RentAsync(share);
        if (keep)
        {
            await Task.Yield();
        }

        lease.Release();
    }

    private Task<BufferLease> RentAsync(BufferShare share)
    {
        var turn = new TaskCompletionSource<BufferLease>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _pool.Pool.RentOrWait(Block, InputOutput, share, new TestWaiter(self => turn.SetResult(self.Lease)), out BufferLease lease)
            ? Task.FromResult(lease)
            : turn.Task;
    }

    private List<BufferLease> RentAll(BufferShare share)
    {
        var all = new List<BufferLease>();
        while (_pool.Pool.TryRent(Block, InputOutput, share, out BufferLease lease))
        {
            all.Add(lease);
        }

        return all;
    }

    private BufferLease Rent(BufferShare share)
    {
        Assert.True(_pool.Pool.TryRent(Block, InputOutput, share, out BufferLease lease));
        return lease;
    }

    private TestWaiter Wait(BufferShare share)
    {
        var waiter = new TestWaiter();
        Assert.False(_pool.Pool.RentOrWait(Block, InputOutput, share, waiter, out _));
        return waiter;
    }

    private static int Release(BufferLease lease)
    {
        lease.Release();
        return 1;
    }
}
