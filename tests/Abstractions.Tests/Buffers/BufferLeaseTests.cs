using Nvmf.Abstractions.Buffers;
using Nvmf.Testing;

namespace Nvmf.Abstractions.Tests.Buffers;

public sealed class BufferLeaseTests
{
    [Theory]
    [InlineData(1, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 16384)]
    [InlineData(16384, 16384)]
    [InlineData(16385, 65536)]
    [InlineData(65536, 65536)]
    [InlineData(65537, 131072)]
    [InlineData(131072, 131072)]
    [InlineData(131073, 262144)]
    [InlineData(262144, 262144)]
    [InlineData(262145, 1048576)]
    [InlineData(1048576, 1048576)]
    public void A_length_costs_one_block_of_the_smallest_size_that_holds_it(int length, int cost)
    {
        using var pool = new PoisonedPool();
        BufferLease lease = Rent(pool, length);

        Assert.Equal(length, lease.Length);
        Assert.Equal(length, lease.Span.Length);
        Assert.Equal(length, lease.Memory.Length);
        Assert.Equal(cost, pool.Pool.Statistics.RentedBytes);
        Assert.Equal(1, pool.Pool.Statistics.RentedBlocks);
        Assert.InRange((nint)Address(lease), lease.Slab.Address, lease.Slab.Address + lease.Slab.Length - cost);
        Assert.Equal(0, (nint)Address(lease) % 4096);
        lease.Release();
    }

    [Fact]
    public void Span_memory_pointer_and_slices_are_the_same_bytes()
    {
        using var pool = new PoisonedPool();
        BufferLease lease = Rent(pool, 10_000);
        BufferLease slice = lease.Slice(100, 1000).Slice(10, 20);

        slice.Span.Fill(0xA5);
        Assert.Equal(20, slice.Length);
        Assert.Equal(Address(lease) + 110, Address(slice));
        Assert.Equal(0xA5, lease.Span[110]);
        Assert.Equal(0xA5, lease.Memory.Span[129]);
        Assert.Equal(0xA5, slice.Memory.Span[0]);
        using (System.Buffers.MemoryHandle pin = slice.Memory.Pin())
        {
            unsafe
            {
                Assert.Equal(Address(slice), (nint)pin.Pointer);
            }
        }

        Assert.Equal(lease.Slab, slice.Slab);
        Assert.Equal(lease.Slice(110, 20), slice);
        Assert.NotEqual(lease, slice);
        lease.Release();
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(0, 101)]
    [InlineData(101, 0)]
    [InlineData(100, 1)]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(int.MinValue, int.MinValue)]
    public void A_slice_outside_of_its_lease_is_refused(int offset, int length)
    {
        using var pool = new PoisonedPool();
        BufferLease lease = Rent(pool, 100);
        Assert.Throws<ArgumentOutOfRangeException>(() => lease.Slice(offset, length));
        Assert.Equal(0, lease.Slice(100, 0).Length);
        lease.Release();
    }

    [Fact]
    public void Every_use_of_a_stale_lease_throws_also_when_the_block_is_rented_again()
    {
        using var pool = new PoisonedPool();
        BufferLease stale = Rent(pool, 4096);
        Memory<byte> staleMemory = stale.Memory;
        stale.Release();
        AssertStale(stale);
        Assert.Throws<ObjectDisposedException>(() => staleMemory.Span[0]);

        BufferLease current = Rent(pool, 4096);
        Assert.Equal(stale.Slab, current.Slab);
        AssertStale(stale);
        current.Span[0] = 1;
        current.Release();
    }

    [Fact]
    public void A_reference_keeps_the_block_until_it_is_released()
    {
        using var pool = new PoisonedPool();
        BufferLease lease = Rent(pool, 4096);
        BufferLease other = lease.Slice(8, 8).Retain();
        lease.Release();
        other.Span.Fill(7);
        Assert.Equal(1, pool.Pool.Statistics.RentedBlocks);
        other.Release();
        Assert.Equal(0, pool.Pool.Statistics.RentedBlocks);
        AssertStale(lease);
        AssertStale(other);
    }

    [Fact]
    public void A_lease_is_shared_unless_its_one_reference_is_the_only_one()
    {
        using var pool = new PoisonedPool();
        BufferLease lease = Rent(pool, 4096);
        Assert.False(lease.IsShared);
        BufferLease other = lease.Slice(8, 8).Retain();
        Assert.True(lease.IsShared);
        Assert.True(other.IsShared);
        other.Release();
        Assert.False(lease.IsShared);
        lease.Retain().Quarantine();
        Assert.True(lease.IsShared);
        lease.Release();
        Assert.Throws<ObjectDisposedException>(() => lease.IsShared);
        Assert.False(default(BufferLease).IsShared);
    }

    [Fact]
    public void A_release_too_many_is_found_by_the_one_whose_reference_it_took()
    {
        using var pool = new PoisonedPool();
        BufferLease first = Rent(pool, 4096);
        BufferLease second = first.Retain();
        first.Release();
        first.Release();
        Assert.Throws<ObjectDisposedException>(second.Release);
    }

    [Fact]
    public void An_empty_lease_holds_nothing()
    {
        BufferLease empty = default;
        Assert.True(empty.IsEmpty);
        Assert.Equal(0, empty.Length);
        Assert.True(empty.Span.IsEmpty);
        Assert.True(empty.Memory.IsEmpty);
        Assert.Equal(0, Address(empty));
        Assert.Equal(empty, empty.Retain().Slice(0, 0));
        empty.Release();
        empty.Quarantine();
        Assert.Throws<InvalidOperationException>(() => empty.Slab);
        Assert.Throws<ArgumentOutOfRangeException>(() => empty.Slice(0, 1));
    }

    [Fact]
    public void Quarantine_of_one_reference_keeps_the_block_from_ever_being_used_again()
    {
        using var pool = new PoisonedPool();
        BufferLease lease = Rent(pool, 65536);
        lease.Retain().Quarantine();
        Assert.Equal(0, pool.Pool.Statistics.QuarantinedBlocks);
        lease.Span.Fill(1);
        lease.Release();

        AssertStale(lease);
        Assert.Equal(1, pool.Pool.Statistics.QuarantinedBlocks);
        Assert.Equal(65536, pool.Pool.Statistics.QuarantinedBytes);
        Assert.Equal(0, pool.Pool.Statistics.RentedBlocks);

        nint quarantined = lease.Slab.Address;
        var rented = new List<BufferLease>();
        while (pool.Pool.TryRent(65536, BufferPriority.InputOutput, out BufferLease next))
        {
            Assert.NotEqual(quarantined, Address(next));
            rented.Add(next);
        }

        rented.ForEach(next => next.Release());
    }

    internal static BufferLease Rent(BufferPool pool, int length, BufferPriority priority = BufferPriority.InputOutput)
    {
        Assert.True(pool.TryRent(length, priority, out BufferLease lease));
        return lease;
    }

    internal static unsafe nint Address(BufferLease lease) => (nint)lease.Pointer;

    private static void AssertStale(BufferLease lease)
    {
        Assert.Throws<ObjectDisposedException>(() => lease.Span[0]);
        Assert.Throws<ObjectDisposedException>(() => lease.Memory);
        Assert.Throws<ObjectDisposedException>(() => Address(lease));
        Assert.Throws<ObjectDisposedException>(() => lease.Slice(0, 1));
        Assert.Throws<ObjectDisposedException>(() => lease.Retain());
        Assert.Throws<ObjectDisposedException>(lease.Release);
        Assert.Throws<ObjectDisposedException>(lease.Quarantine);
    }
}
