using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Namespaces.Internal;

namespace Nvmf.Target.Tests.Namespaces;

public sealed class BackendWorkersTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task Every_request_of_every_producer_is_executed_once(int threads)
    {
        const int producers = 4, requests = 5000;
        int executed = 0, threadsSeen = 0;
        using var seen = new ThreadLocal<bool>();
        var workers = new BackendWorkers("test", threads, request =>
        {
            if (!seen.Value)
            {
                seen.Value = true;
                Interlocked.Increment(ref threadsSeen);
            }

            Interlocked.Increment(ref executed);
            request.Complete(NvmeStatus.Success);
        });

        // Each producer has few requests, and waits for them now and then: the workers fall asleep and wake many times.
        Task[] tasks = [.. Enumerable.Range(0, producers).Select(producer => Task.Factory.StartNew(
            () =>
            {
                CountedRequest[] slots = [.. Enumerable.Range(0, 8).Select(_ => new CountedRequest())];
                for (int i = 0; i < requests; i++)
                {
                    CountedRequest slot = slots[i % slots.Length];
                    slot.WaitUntilFree();
                    workers.Enqueue(slot);
                }

                foreach (CountedRequest slot in slots) { slot.WaitUntilFree(); } },
            TaskCreationOptions.LongRunning))];
        await Task.WhenAll(tasks).WaitAsync(Deadline);
        await workers.DisposeAsync().AsTask().WaitAsync(Deadline);

        Assert.Equal(producers * requests, executed);
        Assert.InRange(threadsSeen, 1, threads);
    }

    [Fact]
    public async Task A_blocked_worker_does_not_hold_up_others()
    {
        using var release = new ManualResetEventSlim();
        using var blocked = new CountdownEvent(3);
        var free = new CountedRequest();
        var workers = new BackendWorkers("test", 4, request =>
        {
            if (request != free)
            {
                blocked.Signal();
                release.Wait(Deadline);
            }

            request.Complete(NvmeStatus.Success);
        });
        CountedRequest[] slow = [new(), new(), new()];
        foreach (CountedRequest request in slow)
        {
            request.WaitUntilFree();
            workers.Enqueue(request);
        }

        Assert.True(blocked.Wait(Deadline));
        free.WaitUntilFree();
        workers.Enqueue(free);
        free.WaitUntilFree();
        release.Set();
        await workers.DisposeAsync().AsTask().WaitAsync(Deadline);
        Assert.All(slow, request => request.WaitUntilFree());
    }

    [Fact]
    public async Task Stopping_executes_what_is_queued()
    {
        for (int round = 0; round < 200; round++)
        {
            int executed = 0;
            var workers = new BackendWorkers("test", 3, _ => Interlocked.Increment(ref executed));
            for (int i = 0; i < round % 20; i++)
            {
                workers.Enqueue(new CountedRequest());
            }

            await workers.DisposeAsync().AsTask().WaitAsync(Deadline);
            Assert.Equal(round % 20, executed);
        }
    }

    private sealed class CountedRequest : BackendRequest
    {
        private int _busy;

        public void WaitUntilFree()
        {
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _busy) == 0, Deadline), "a request was lost");
            Volatile.Write(ref _busy, 1);
        }

        public override void Complete(NvmeStatus status) => Assert.Equal(1, Interlocked.Exchange(ref _busy, 0));
    }
}
