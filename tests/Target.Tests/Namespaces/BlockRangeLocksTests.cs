using Nvmf.Target.Namespaces.Internal;

namespace Nvmf.Target.Tests.Namespaces;

public sealed class BlockRangeLocksTests
{
    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(0, 16384, 1)]
    [InlineData(16383, 2, 2)]
    [InlineData(16384, 16385, 2)]
    [InlineData(5, 0, 0)]
    [InlineData(0, 1L << 40, 1024)]
    public void Units_of_a_range(long offset, long length, int count) => Assert.Equal(count, BlockRangeLocks.CountOf(offset, length));

    [Fact]
    public void A_reader_notices_a_writer_before_during_and_after()
    {
        var locks = new BlockRangeLocks();
        Assert.True(locks.TryBeginRead(10, 3, out long version));
        Assert.True(locks.EndRead(10, 3, version));

        Assert.True(locks.TryEnter(12));
        Assert.False(locks.EndRead(10, 3, version));
        Assert.False(locks.TryBeginRead(10, 3, out _));
        Assert.True(locks.TryBeginRead(13, 3, out _));
        locks.Exit(12);
        Assert.False(locks.EndRead(10, 3, version));
        Assert.True(locks.TryBeginRead(10, 3, out version));
        Assert.True(locks.EndRead(10, 3, version));
    }

    [Fact]
    public void A_range_is_taken_whole_or_not_at_all()
    {
        var locks = new BlockRangeLocks();
        Assert.True(locks.TryEnter(7));
        Assert.False(locks.TryEnter(5, 4));
        Assert.True(locks.TryEnter(5, 2));
        Assert.True(locks.TryEnter(8));
        Assert.False(locks.TryEnter(6));
        locks.Exit(5, 2);
        Assert.True(locks.TryEnter(6));
    }

    [Fact]
    public void Units_a_whole_table_apart_share_a_stripe_and_ranges_wrap_around()
    {
        var locks = new BlockRangeLocks();
        locks.Enter(BlockRangeLocks.Stripes - 2, 5, maySleep: false);
        foreach (long unit in (long[])[1022, 1023, 0, 1, 2, 1024, 2048 + 1023])
        {
            Assert.False(locks.TryEnter(unit));
        }

        Assert.True(locks.TryEnter(3));
        Assert.True(locks.TryEnter(1021));
        locks.Exit(1022, 5);
        Assert.True(locks.TryEnter(1022, 5));
    }

    [Fact]
    public async Task Overlapping_ranges_of_many_threads_neither_overlap_nor_deadlock()
    {
        var locks = new BlockRangeLocks();
        int[] inside = new int[BlockRangeLocks.Stripes];
        Task[] tasks = [.. Enumerable.Range(0, 4).Select(thread => Task.Factory.StartNew(
            () =>
            {
                var random = new Random(thread);
                for (int i = 0; i < 2000; i++)
                {
                    // Around the wrap, where the order of stripes is not the order of units.
                    long first = 1024 - 8 + random.Next(16);
                    int count = random.Next(1, 12);
                    locks.Enter(first, count, maySleep: i % 2 == 0);
                    for (long unit = first; unit < first + count; unit++) { Assert.Equal(1, Interlocked.Increment(ref inside[unit % 1024])); } for (long unit = first; unit < first + count; unit++) { Interlocked.Decrement(ref inside[unit % 1024]); } locks.Exit(first, count);
                }
            },
            TaskCreationOptions.LongRunning))];
        await Task.WhenAll(tasks).WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Waiting_for_writers_waits_for_those_inside()
    {
        var locks = new BlockRangeLocks();
        locks.Enter(500);
        Task waiting = Task.Run(() => locks.WaitForWriters(maySleep: true));
        Assert.False(waiting.IsCompleted);
        locks.Exit(500);
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
