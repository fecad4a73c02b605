using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Nvmf.Abstractions.Buffers;
using Nvmf.Testing;
using Xunit.Abstractions;

namespace Nvmf.Abstractions.Tests.Buffers;

/// <summary>Several threads at once. Nobody else writes to what one holds; no turn is lost; everything comes back.</summary>
public sealed class BufferPoolHammerTests(ITestOutputHelper output)
{
    private const int Threads = 4;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly int[] Lengths = [64, 4096, 4096, 4096, 16384, 65536, 131072, 1 << 20];

    [ThreadStatic]
    private static uint _dice;

    [Fact]
    public void Contents_belong_to_the_holders_alone()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        using var pool = new PoisonedPool(6 << 20, 1 << 20);
        var handedOver = new ConcurrentQueue<(BufferLease Lease, ulong Stamp)>();
        RunThreads(thread =>
        {
            var random = new Random(seed + thread);
            var held = new List<(BufferLease Lease, ulong Stamp)>();
            for (int i = 0; i < 8_000; i++)
            {
                BufferPriority priority = random.Next(4) == 0 ? BufferPriority.Administration : BufferPriority.InputOutput;
                if (held.Count < 12 && pool.Pool.TryRent(Lengths[random.Next(Lengths.Length)], priority, out BufferLease lease))
                {
                    ulong stamp = ((ulong)thread << 48) | (uint)i;
                    Words(lease).Fill(stamp);
                    held.Add((lease, stamp));
                    if (random.Next(3) == 0)
                    {
                        BufferLease slice = lease.Slice(lease.Length / 2 & ~7, lease.Length / 4);
                        handedOver.Enqueue((slice.Retain(), stamp));
                    }
                }
                else if (held.Count > 0)
                {
                    int index = random.Next(held.Count);
                    Give(held[index]);
                    held.RemoveAt(index);
                }

                if (random.Next(3) == 0 && handedOver.TryDequeue(out (BufferLease Lease, ulong Stamp) other))
                {
                    Give(other);
                }
            }

            held.ForEach(Give);
        });

        while (handedOver.TryDequeue(out (BufferLease Lease, ulong Stamp) other))
        {
            Give(other);
        }

        Assert.Equal(0, pool.Pool.Statistics.RentedBytes);
        Assert.Equal(0, pool.Pool.Statistics.RentedBlocks);

        static void Give((BufferLease Lease, ulong Stamp) held)
        {
            Assert.Equal(-1, Words(held.Lease).IndexOfAnyExcept(held.Stamp));
            held.Lease.Release();
        }
    }

    /// <summary>Two blocks for four threads that wait for each other: a lost wake-up leaves one waiting for good.</summary>
    [Theory]
    [InlineData(8192, 0, 1500)]
    [InlineData(65536 + 16384, 16384, 1000)]
    public void No_wake_up_is_lost(long limit, long reserve, int rounds)
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        using var pool = new PoisonedPool(limit, reserve);
        List<BufferLease> all = BufferPoolLimitTests.RentAll(pool, 4096, BufferPriority.Administration);
        int waits = 0;
        RunThreads(thread =>
        {
            var random = new Random(seed + thread);
            using var waiter = new BlockingWaiter();
            for (int i = 0; i < rounds; i++)
            {
                BufferPriority priority = random.Next(8) == 0 ? BufferPriority.Administration : BufferPriority.InputOutput;
                int length = random.Next(4) == 0 ? pool.Pool.MaxLength : 4096;
                if (!pool.Pool.RentOrWait(length, priority, waiter, out BufferLease lease))
                {
                    Interlocked.Increment(ref waits);
                    if (i > 0 && random.Next(8) == 0 && pool.Pool.CancelWait(waiter))
                    {
                        continue;
                    }

                    lease = waiter.Wait();
                }

                ulong stamp = (ulong)thread;
                Words(lease).Fill(stamp);
                if (random.Next(8) == 0)
                {
                    Thread.Yield();
                }

                Assert.Equal(-1, Words(lease).IndexOfAnyExcept(stamp));
                lease.Release();
            }
        }, meanwhile: () =>
        {
            Assert.True(SpinWait.SpinUntil(() => pool.Pool.Statistics.Waiters == Threads, Deadline));
            all.ForEach(lease => lease.Release());
        });
        output.WriteLine($"{waits} waits");
        Assert.True(waits >= Threads);
        Assert.Equal(0, pool.Pool.Statistics.Waiters);
    }

    /// <summary>
    /// Threads that never sleep, so that a release often falls between a renter's last look and its closing of the gate. With one block
    /// per thread less one, whoever misses that release is waited for by everybody.
    /// </summary>
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    public void No_wake_up_is_lost_in_the_moment_of_queueing(int blocks, int threads)
    {
        using var pool = new BufferPool(new BufferPoolOptions { LimitInBytes = blocks * 4096, ReserveInBytes = 0 });
        RunThreads(thread =>
        {
            var waiter = new SpinningWaiter();
            for (int i = 0; i < 30_000; i++)
            {
                if (!pool.RentOrWait(4096, BufferPriority.InputOutput, waiter, out BufferLease lease))
                {
                    lease = waiter.Wait();
                }

                lease.Release();
            }
        }, threads: threads);
        Assert.Equal(0, pool.Statistics.RentedBlocks);
    }

    private static void LoseTheProcessorSometimes(RaceMoment moment)
    {
        _dice = (_dice * 1664525) + 1013904223 + (uint)Environment.CurrentManagedThreadId;
        if (_dice >> 29 == 0)
        {
            Thread.Yield();
        }
    }

    private static Span<ulong> Words(BufferLease lease) => MemoryMarshal.Cast<byte, ulong>(lease.Span);

    private static void RunThreads(Action<int> body, Action? meanwhile = null, int threads = Threads)
    {
        var errors = new ConcurrentQueue<Exception>();
        List<Thread> running = [.. Enumerable.Range(0, threads).Select(thread => new Thread(() =>
        {
            try
            {
                RacePoint.Passed = LoseTheProcessorSometimes;
                body(thread);
            }
            catch (Exception exception)
            {
                errors.Enqueue(exception);
            }
        })
        { IsBackground = true })];
        running.ForEach(thread => thread.Start());
        meanwhile?.Invoke();
        Assert.All(running, thread => Assert.True(thread.Join(2 * Deadline), $"A thread hangs. {string.Join(Environment.NewLine, errors)}"));
        Assert.True(errors.IsEmpty, string.Join(Environment.NewLine, errors));
    }

    private sealed class BlockingWaiter : BufferWaiter, IDisposable
    {
        private readonly SemaphoreSlim _turn = new(0);
        private BufferLease _lease;

        public BufferLease Wait()
        {
            Assert.True(_turn.Wait(Deadline), "No turn came.");
            return _lease;
        }

        public void Dispose() => _turn.Dispose();

        protected internal override void OnRented(BufferLease lease)
        {
            _lease = lease;
            _turn.Release();
        }
    }

    private sealed class SpinningWaiter : BufferWaiter
    {
        private BufferLease _lease;
        private volatile bool _turn;

        public BufferLease Wait()
        {
            long end = Environment.TickCount64 + (long)Deadline.TotalMilliseconds;
            for (SpinWait spin = default; !_turn; spin.SpinOnce(sleep1Threshold: -1))
            {
                Assert.True(Environment.TickCount64 < end, "No turn came.");
            }

            _turn = false;
            return _lease;
        }

        protected internal override void OnRented(BufferLease lease)
        {
            _lease = lease;
            _turn = true;
        }
    }
}
