using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Tests.Fakes;

namespace Nvmf.Initiator.Tests;

public class BrokenQueueTests
{
    [Fact]
    public async Task What_waits_fails_at_once_and_what_is_out_fails_when_it_is_released()
    {
        using var fixture = new QueueFixture(depth: 2);
        var tasks = Enumerable.Range(0, 5).Select(_ => fixture.StartRead(new byte[4096])).ToArray();
        fixture.Pair.Run();
        fixture.Pair.Close(TeardownCause.ConnectionReset);
        fixture.Pair.Run();
        foreach (var task in tasks[2..])
        {
            await Assert.ThrowsAsync<NvmeConnectionException>(() => task).WaitAsync(QueueFixture.Patience);
        }

        Assert.All(tasks[..2], task => Assert.False(task.IsCompleted));
        Assert.Equal(2, fixture.Pool.Pool.Statistics.RentedBlocks);
        Assert.True(fixture.Broken > 0);
        foreach (var command in fixture.Pair.Unreleased.ToArray())
        {
            fixture.Pair.Release(command);
        }

        foreach (var task in tasks[..2])
        {
            var error = await Assert.ThrowsAsync<NvmeConnectionException>(() => task).WaitAsync(QueueFixture.Patience);
            Assert.Contains("cut the wire", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task After_the_end_requests_fail_and_posts_are_refused()
    {
        using var fixture = new QueueFixture(depth: 2);
        fixture.Pair.Close(TeardownCause.LocalClose);
        var between = fixture.Start();
        fixture.Pair.Run();
        var report = await fixture.Queue.Ended.WaitAsync(QueueFixture.Patience);
        Assert.Equal(TeardownCause.LocalClose, report.Cause);
        await Assert.ThrowsAsync<NvmeConnectionException>(() => between).WaitAsync(QueueFixture.Patience);
        await Assert.ThrowsAsync<NvmeConnectionException>(() => fixture.StartRead(new byte[4096])).WaitAsync(QueueFixture.Patience);
        Assert.False(fixture.Queue.TryPost(new Nothing()));
    }

    [Fact]
    public async Task Requests_that_wait_for_memory_do_not_outlive_the_queue()
    {
        using var fixture = new QueueFixture(depth: 2, poolLimit: 2 << 20);
        var hoard = new Stack<Nvmf.Abstractions.Buffers.BufferLease>();
        while (fixture.Pool.Pool.TryRent(1 << 20, Nvmf.Abstractions.Buffers.BufferPriority.InputOutput, out var lease))
        {
            hoard.Push(lease);
        }

        var task = fixture.StartRead(new byte[1 << 20]);
        fixture.Pair.Run();
        fixture.Pair.Close(TeardownCause.ConnectionReset);
        fixture.Pair.Run();
        await Assert.ThrowsAsync<NvmeConnectionException>(() => task).WaitAsync(QueueFixture.Patience);
        while (hoard.TryPop(out var lease))
        {
            lease.Release();
        }
    }

    [Fact]
    public void Requests_from_many_threads_all_end_however_the_queue_does()
    {
        // The race of the inbox against the end of the queue pair, many times over.
        for (var round = 0; round < 200; round++)
        {
            using var fixture = new QueueFixture(depth: 4);
            var tasks = new Task<Exception?>[4];
            using var start = new Barrier(tasks.Length + 1);
            for (var i = 0; i < tasks.Length; i++)
            {
                tasks[i] = Task.Factory.StartNew(
                    () =>
                    {
                        start.SignalAndWait();
                        var requests = Enumerable.Range(0, 3).Select(_ => fixture.StartRead(new byte[512])).ToArray();
                        return Task.WhenAll(requests).ContinueWith(all => all.Exception?.InnerException, TaskScheduler.Default);
                    },
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default).Unwrap();
            }

            start.SignalAndWait();
            fixture.Pair.Run();
            fixture.Pair.Close(TeardownCause.LocalClose);
            var all = Task.WhenAll(tasks);
            var deadline = DateTime.UtcNow + QueueFixture.Patience;
            while (!all.IsCompleted)
            {
                Assert.True(DateTime.UtcNow < deadline, "A request was forgotten.");
                fixture.Pair.Run();
                foreach (var command in fixture.Pair.Unreleased.ToArray())
                {
                    fixture.Pair.Release(command);
                }

                Thread.Yield();
            }

            Assert.All(tasks, task => Assert.True(task.Result is null or NvmeConnectionException, task.Result?.ToString()));
        }
    }

    private sealed class Nothing : IThreadPoolWorkItem
    {
        public void Execute()
        {
        }
    }
}
