using System.IO.Pipes;

namespace Nvmf.EventLoop.Tests;

/// <summary>What a loop owes to those who are still there when it is disposed of.</summary>
public class LoopEndTests
{
    [Fact]
    public async Task ItemsPostedAfterTheEndRunInTheirOrder()
    {
        using var fixture = new LoopFixture();
        EventLoopThread loop = fixture.Loop;
        Assert.False(loop.HasEnded);
        loop.Dispose();
        Assert.True(loop.HasEnded);
        Assert.False(loop.IsCurrent);
        var order = new List<int>();
        bool onLoop = true;
        for (int i = 0; i < 5000; i++)
        {
            int number = i;
            loop.Post(new LoopFixture.Item(() =>
            {
                order.Add(number);
                onLoop &= loop.IsCurrent;
            }));
        }

        await fixture.RunAsync(() => { });
        Assert.Equal(Enumerable.Range(0, 5000), order);
        Assert.True(onLoop);
        loop.Dispose();
    }

    [Fact]
    public async Task ItemsPostedAfterTheEndRunOneAtATime()
    {
        ThreadPool.GetMinThreads(out int workers, out int others);
        ThreadPool.SetMinThreads(Math.Max(workers, 8), others);
        using var fixture = new LoopFixture();
        fixture.Loop.Dispose();
        int inside = 0, overlaps = 0;
        for (int i = 0; i < 100; i++)
        {
            fixture.Loop.Post(new LoopFixture.Item(() =>
            {
                if (Interlocked.Increment(ref inside) > 1)
                {
                    Interlocked.Increment(ref overlaps);
                }

                // Another thread of the pool has the time to come, if it may.
                Thread.Sleep(1);
                Interlocked.Decrement(ref inside);
            }));
        }

        await fixture.RunAsync(() => { });
        ThreadPool.SetMinThreads(workers, others);
        Assert.Equal(0, overlaps);
    }

    [Fact]
    public async Task NoItemIsLostWhenTheLoopEndsMeanwhile()
    {
        for (int round = 0; round < 50; round++)
        {
            using var fixture = new LoopFixture();
            EventLoopThread loop = fixture.Loop;
            const int Threads = 3;
            const int PerThread = 300;
            int count = 0;
            using var start = new Barrier(Threads + 1);
            Task[] posters = [.. Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait(LoopFixture.Limit);
                    for (int i = 0; i < PerThread; i++)
                    {
                        loop.Post(new LoopFixture.Item(() => count++));
                    }
                },
                TaskCreationOptions.LongRunning))];
            start.SignalAndWait(LoopFixture.Limit);
            Thread.SpinWait(round * 50);
            loop.Dispose();
            await Task.WhenAll(posters).WaitAsync(LoopFixture.Limit);
            await fixture.RunAsync(() => { });
            Assert.Equal(Threads * PerThread, count);
        }
    }

    [Fact]
    public async Task AnItemBehindTheLastBatchRuns()
    {
        using var fixture = new LoopFixture();
        using var busy = new ManualResetEventSlim();
        fixture.Loop.Post(new LoopFixture.Item(() => busy.Wait(LoopFixture.Limit)));
        var behind = new LoopFixture.Item(() => Assert.True(fixture.Loop.IsCurrent));
        Task disposal = Task.Run(fixture.Loop.Dispose);
        await Task.Delay(20);
        fixture.Loop.Post(behind);
        busy.Set();
        await behind.Task.WaitAsync(LoopFixture.Limit);
        await disposal.WaitAsync(LoopFixture.Limit);
    }

    [Fact]
    public async Task AnItemThatThrowsAfterTheEndIsToldAndTheNextOneRuns()
    {
        using var fixture = new LoopFixture();
        fixture.Loop.Dispose();
        fixture.Loop.Post(new Throwing());
        await fixture.RunAsync(() => { });
        Assert.Contains(fixture.Logged, exception => exception is FormatException);
    }

    [Fact]
    public async Task WhatIsRegisteredIsToldInTheLastTurnAndGivesItsDescriptorBackLater()
    {
        using var fixture = new LoopFixture();
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        using var other = new AnonymousPipeServerStream(PipeDirection.Out);
        EventLoopThread loop = fixture.Loop;
        var handler = new Witness(loop);
        var broken = new Witness(loop, () => throw new FormatException("Broken on purpose."));
        EventLoopRegistration registration = default;
        await fixture.RunAsync(() =>
        {
            loop.Register(other.ClientSafePipeHandle, ReadyEvents.Readable, broken);
            registration = loop.Register(writer.ClientSafePipeHandle, ReadyEvents.Readable, handler);
        });
        loop.Dispose();
        Assert.Equal((1, 1), (broken.Ends, handler.Ends));
        Assert.True(handler.WasOnLoop);
        Assert.IsType<FormatException>(broken.Failure);
        Assert.Contains(fixture.Messages, message => message.Contains("with 2 descriptors still registered", StringComparison.Ordinal));

        await fixture.RunAsync(() =>
        {
            registration.SetEvents(ReadyEvents.None);
            registration.Unregister();
            registration.Unregister();
        });
        writer.ClientSafePipeHandle.Dispose();
        Assert.Throws<IOException>(() => writer.WriteByte(1));
    }

    [Fact]
    public async Task AnEndedLoopTakesNoRegistrationAndHasNoReceiveBuffer()
    {
        using var fixture = new LoopFixture();
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        EventLoopThread loop = fixture.Loop;
        loop.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => fixture.RunAsync(() => loop.Register(writer.ClientSafePipeHandle, ReadyEvents.Readable, new Witness(loop))));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => fixture.RunAsync(() => loop.ReceiveBuffer.Clear()));
    }

    private sealed class Throwing : IThreadPoolWorkItem
    {
        public void Execute() => throw new FormatException("Broken on purpose.");
    }

    private sealed class Witness(EventLoopThread loop, Action? onEnd = null) : IEventLoopHandler
    {
        public int Ends { get; private set; }

        public bool WasOnLoop { get; private set; }

        public Exception? Failure { get; private set; }

        public void OnReady(ReadyEvents events)
        {
        }

        public void OnLoopEnded()
        {
            Ends++;
            WasOnLoop = loop.IsCurrent;
            onEnd?.Invoke();
        }

        public void OnFailure(Exception exception) => Failure = exception;
    }
}
