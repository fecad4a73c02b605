using System.Collections.Concurrent;
using Nvmf.Abstractions.Buffers;

namespace Nvmf.Testing;

/// <summary>
/// A pool that poisons released blocks, and that fails the test on dispose when a buffer is still rented or somebody wrote to a free
/// block. Dispose it last: what releases asynchronously is waited for, up to a deadline.
/// </summary>
public sealed class PoisonedPool : IDisposable
{
    private readonly ConcurrentQueue<BufferPoisonViolation> _violations = [];
    private bool _disposed;

    public PoisonedPool(long limitInBytes = 64L << 20, long reserveInBytes = 4L << 20)
    {
        Pool = new BufferPool(new BufferPoolOptions { LimitInBytes = limitInBytes, ReserveInBytes = reserveInBytes, Poison = true });
        Pool.PoisonViolated += _violations.Enqueue;
    }

    public BufferPool Pool { get; }

    /// <summary>Time for the last releases to arrive. Default 10 s.</summary>
    public TimeSpan ReleaseTimeout { get; set; } = TimeSpan.FromSeconds(10);

    public static implicit operator BufferPool(PoisonedPool pool) => pool.Pool;

    public BufferPool ToBufferPool() => Pool;

    /// <summary>Fails when somebody wrote to a free block; finds it on rent, so call it also after the pool was used again.</summary>
    public void AssertNoViolations() => Assert.True(_violations.IsEmpty, string.Join(Environment.NewLine, _violations));

    /// <summary>Waits until every buffer is back; fails after <see cref="ReleaseTimeout"/>.</summary>
    public void AssertAllReleased()
    {
        bool released = SpinWait.SpinUntil(() => Pool.Statistics.RentedBlocks == 0, ReleaseTimeout);
        Assert.True(released, $"Buffers are still rented: {Pool.Statistics}");
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        try
        {
            AssertAllReleased();
        }
        finally
        {
            // Checks every block that is free now.
            Pool.Dispose();
        }

        AssertNoViolations();
    }
}
