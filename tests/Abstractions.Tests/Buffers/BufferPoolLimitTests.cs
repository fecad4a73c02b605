using Nvmf.Abstractions.Buffers;
using Nvmf.Testing;
using static Nvmf.Abstractions.Tests.Buffers.BufferLeaseTests;

namespace Nvmf.Abstractions.Tests.Buffers;

/// <summary>Limit, reserve, and cutting slabs anew.</summary>
public sealed class BufferPoolLimitTests
{
    private const int SlabLength = 2 << 20;

    [Theory]
    [InlineData(4096, 0)]
    [InlineData(1 << 20, 0)]
    [InlineData(6 << 20, 2 << 20)]
    [InlineData((6 << 20) - 4096, 1 << 20)]
    public void Allocates_up_to_the_limit_and_no_further(long limit, long reserve)
    {
        using var pool = new PoisonedPool(limit, reserve);
        List<BufferLease> leases = RentAll(pool, 4096, BufferPriority.InputOutput);
        Assert.Equal((limit - reserve) / 4096, leases.Count);
        Assert.Equal(limit - reserve, pool.Pool.Statistics.AllocatedBytes);

        leases.AddRange(RentAll(pool, 4096, BufferPriority.Administration));
        Assert.Equal(limit / 4096, leases.Count);
        Assert.Equal(limit, pool.Pool.Statistics.AllocatedBytes);
        Assert.Equal(limit, pool.Pool.Statistics.RentedBytes);
        Assert.Equal(leases.Count, leases.Select(Address).Distinct().Count());
        leases.ForEach(lease => lease.Release());
    }

    [Theory]
    [InlineData(4096, 4096)]
    [InlineData(20_000, 16384)]
    [InlineData((1 << 20) - 1, 262144)]
    [InlineData(1 << 20, 1 << 20)]
    public void The_largest_length_fits_a_small_limit(long limit, int maxLength)
    {
        using var pool = new PoisonedPool(limit, 0);
        Assert.Equal(maxLength, pool.Pool.MaxLength);
        Rent(pool, maxLength).Release();
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Pool.TryRent(maxLength + 1, BufferPriority.InputOutput, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Pool.TryRent(0, BufferPriority.InputOutput, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Pool.TryRent(int.MinValue, BufferPriority.InputOutput, out _));
    }

    [Theory]
    [InlineData(4095, 0)]
    [InlineData(4L << 20, 4L << 20)]
    [InlineData(8L << 20, -1)]
    [InlineData(5L << 40, 0)]
    [InlineData(-1, 0)]
    public void Senseless_options_are_refused(long limit, long reserve) =>
        Assert.Throws<ArgumentException>(() => new BufferPool(new BufferPoolOptions { LimitInBytes = limit, ReserveInBytes = reserve }));

    [Fact]
    public void IO_cannot_take_what_Administration_gives_back_to_the_reserve()
    {
        using var pool = new PoisonedPool(SlabLength + 65536, 65536);
        List<BufferLease> general = RentAll(pool, 4096, BufferPriority.InputOutput);
        List<BufferLease> reserve = RentAll(pool, 4096, BufferPriority.Administration);
        Assert.Equal(16, reserve.Count);

        reserve[3].Release();
        Assert.False(pool.Pool.TryRent(4096, BufferPriority.InputOutput, out _));
        reserve[3] = Rent(pool, 4096, BufferPriority.Administration);

        // What belongs to everybody goes to whoever comes.
        general[5].Release();
        general[5] = Rent(pool, 4096, BufferPriority.InputOutput);
        Assert.False(pool.Pool.TryRent(4096, BufferPriority.Administration, out _));
        general.Concat(reserve).ToList().ForEach(lease => lease.Release());
    }

    [Fact]
    public void Administration_spares_the_reserve_while_there_is_anything_else()
    {
        using var pool = new PoisonedPool(2 * SlabLength, SlabLength);
        List<BufferLease> leases = [.. Enumerable.Range(0, SlabLength / 4096).Select(_ => Rent(pool, 4096, BufferPriority.Administration))];
        Assert.Single(pool.Pool.Slabs);
        leases.Add(Rent(pool, 4096, BufferPriority.Administration));
        Assert.Equal(2, pool.Pool.Slabs.Count);
        leases.ForEach(lease => lease.Release());
    }

    [Fact]
    public void At_the_limit_a_slab_without_rented_blocks_is_cut_for_another_size()
    {
        using var pool = new PoisonedPool(2 * SlabLength, 0);
        List<BufferLease> small = RentAll(pool, 4096, BufferPriority.InputOutput);
        Assert.False(pool.Pool.TryRent(1 << 20, BufferPriority.InputOutput, out _));

        // One block short of a slab is not enough.
        BufferSlab slab = small[0].Slab;
        List<BufferLease> there = [.. small.Where(lease => lease.Slab == slab)];
        there.Skip(1).ToList().ForEach(lease => lease.Release());
        Assert.False(pool.Pool.TryRent(1 << 20, BufferPriority.InputOutput, out _));
        there[0].Release();

        BufferLease large = Rent(pool, 1 << 20);
        Assert.Equal(slab, large.Slab);
        BufferLease second = Rent(pool, 1 << 20);
        Assert.False(pool.Pool.TryRent(4096, BufferPriority.InputOutput, out _));
        Assert.Throws<ObjectDisposedException>(() => there[0].Span[0]);

        // And back: the blocks of the first cut come again with new generations.
        large.Release();
        second.Release();
        List<BufferLease> again = RentAll(pool, 4096, BufferPriority.InputOutput);
        Assert.Equal(there.Count, again.Count);
        Assert.All(there, stale => Assert.Throws<ObjectDisposedException>(() => stale.Span[0]));
        again.ForEach(lease => lease.Release());
        small.Where(lease => lease.Slab != slab).ToList().ForEach(lease => lease.Release());
    }

    [Fact]
    public void A_slab_with_a_quarantined_block_is_never_cut_anew()
    {
        using var pool = new PoisonedPool(SlabLength, 0);
        Rent(pool, 4096).Quarantine();
        Assert.False(pool.Pool.TryRent(1 << 20, BufferPriority.InputOutput, out _));
        Assert.False(pool.Pool.TryRent(4097, BufferPriority.InputOutput, out _));
        Rent(pool, 4096).Release();
    }

    [Fact]
    public void At_the_limit_a_larger_block_is_better_than_none()
    {
        using var pool = new PoisonedPool(2 * SlabLength, 0);
        List<BufferLease> large = RentAll(pool, 1 << 20, BufferPriority.InputOutput);
        Assert.Equal(4, large.Count);
        large[0].Release();
        BufferLease small = Rent(pool, 100);
        Assert.Equal(100, small.Length);
        Assert.Equal(4 << 20, pool.Pool.Statistics.RentedBytes);
        large[0] = small;
        large.ForEach(lease => lease.Release());
    }

    [Fact]
    public void A_slab_is_announced_before_its_blocks_are_handed_out()
    {
        using var pool = new PoisonedPool(3 * SlabLength, 0);
        var known = new List<BufferSlab>();
        pool.Pool.SlabAdded += slab =>
        {
            Assert.Contains(slab, pool.Pool.Slabs);
            Assert.Equal(0, slab.Address % 4096);
            known.Add(slab);
        };
        List<BufferLease> leases = [Rent(pool, 4096), Rent(pool, 65536), Rent(pool, 262144)];
        Assert.All(leases, lease => Assert.Contains(lease.Slab, known));
        Assert.Equal([0, 1, 2], known.Select(slab => slab.Index));
        leases.ForEach(lease => lease.Release());
    }

    [Fact]
    public void Dispose_frees_only_slabs_that_nobody_can_touch()
    {
        var pool = new BufferPool(new BufferPoolOptions { LimitInBytes = 4 * SlabLength, ReserveInBytes = 0, Poison = true });
        BufferLease rented = Rent(pool, 4096);
        BufferLease quarantined = Rent(pool, 65536);
        Memory<byte> quarantinedMemory = quarantined.Memory;
        quarantined.Quarantine();
        Rent(pool, 262144).Release();
        pool.Dispose();
        pool.Dispose();

        rented.Span.Fill(1);
        Assert.Throws<ObjectDisposedException>(() => quarantinedMemory.Span[0]);
        Assert.Throws<ObjectDisposedException>(() => pool.TryRent(1, BufferPriority.Administration, out _));
        Assert.Throws<ObjectDisposedException>(() => pool.RentOrWait(1, BufferPriority.Administration, new TestWaiter(), out _));
        Assert.Equal(1, pool.Statistics.RentedBlocks);
        rented.Release();
        Assert.Equal(0, pool.Statistics.RentedBlocks);
        Assert.Throws<ObjectDisposedException>(() => pool.TryRent(1, BufferPriority.Administration, out _));
    }

    internal static List<BufferLease> RentAll(BufferPool pool, int length, BufferPriority priority)
    {
        var leases = new List<BufferLease>();
        while (pool.TryRent(length, priority, out BufferLease lease))
        {
            leases.Add(lease);
        }

        return leases;
    }
}
