using Nvmf.Abstractions.Buffers;
using Nvmf.Testing;
using static Nvmf.Abstractions.Tests.Buffers.BufferLeaseTests;

namespace Nvmf.Abstractions.Tests.Buffers;

/// <summary>Writes after the release are found. (The pool's own negative controls.)</summary>
public sealed class BufferPoisonTests : IDisposable
{
    private readonly List<BufferPoisonViolation> _violations = [];
    private readonly BufferPool _pool = new(new BufferPoolOptions { LimitInBytes = 2 << 20, ReserveInBytes = 0, Poison = true });

    public BufferPoisonTests() => _pool.PoisonViolated += _violations.Add;

    public void Dispose() => _pool.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(2049)]
    [InlineData(4095)]
    public void A_write_after_the_release_is_found_when_the_block_is_rented_again(int offset)
    {
        BufferLease lease = Rent(_pool, 4096);
        nint address = Address(lease);
        lease.Release();
        Write(address + offset, 0x5A);

        Rent(_pool, 4096).Release();
        BufferPoisonViolation violation = Assert.Single(_violations);
        Assert.Equal((address, 4096, offset & ~7), (violation.Address, violation.Length, violation.Offset));
        Assert.Contains($"offset {offset & ~7} ", violation.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, _pool.Statistics.PoisonViolations);

        // Found once.
        Rent(_pool, 4096).Release();
        Assert.Equal(1, _pool.Statistics.PoisonViolations);
    }

    [Fact]
    public void A_write_to_a_block_never_rented_again_is_found_by_Dispose()
    {
        BufferLease first = Rent(_pool, 4096);
        BufferLease second = Rent(_pool, 4096);
        nint address = Address(second);
        second.Release();
        Write(address + 8, 0);
        _pool.Dispose();
        Assert.Equal(8, Assert.Single(_violations).Offset);
        first.Release();
    }

    [Fact]
    public void A_write_is_found_when_the_slab_is_cut_anew()
    {
        BufferLease lease = Rent(_pool, 4096);
        nint address = Address(lease);
        lease.Release();
        Write(address, 0);
        Rent(_pool, 1 << 20).Release();
        Assert.Equal(address, Assert.Single(_violations).Address);
    }

    [Fact]
    public void A_released_block_shows_the_pattern_with_the_generation()
    {
        BufferLease lease = Rent(_pool, 4096);
        nint address = Address(lease);
        lease.Release();
        ulong first = Read(address);
        Assert.Equal(0xDEADBEEFu, first >> 32);
        Rent(_pool, 4096).Release();
        Assert.Equal(first + 1, Read(address));
        Assert.Equal(first + 1, Read(address + 4088));
    }

    [Fact]
    public void Quarantined_memory_keeps_its_bytes()
    {
        BufferLease lease = Rent(_pool, 4096);
        nint address = Address(lease);
        lease.Span.Fill(0x77);
        lease.Quarantine();
        Assert.Equal(0x7777777777777777u, Read(address));
        _pool.Dispose();
        Assert.Equal(0x7777777777777777u, Read(address + 4088));
        Assert.Empty(_violations);
    }

    [Fact]
    public void A_poisoned_pool_fails_its_test_on_a_late_write_and_on_a_leak()
    {
        var pool = new PoisonedPool(2 << 20, 0);
        BufferLease lease = Rent(pool, 4096);
        nint address = Address(lease);
        lease.Release();
        Write(address, 0x5A);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(pool.Dispose);

        var leaky = new PoisonedPool(2 << 20, 0) { ReleaseTimeout = TimeSpan.Zero };
        BufferLease leak = Rent(leaky, 4096);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(leaky.Dispose);
        leak.Release();
    }

    private static unsafe void Write(nint address, byte value) => *(byte*)address = value;

    private static unsafe ulong Read(nint address) => *(ulong*)address;
}
