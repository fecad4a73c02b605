using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Tests.Fakes;

namespace Nvmf.Initiator.Tests;

/// <summary>The layer on the loop: reusable commands, callbacks, no waiting.</summary>
public class LowLevelTests
{
    [Fact]
    public void A_full_queue_says_no_and_a_released_command_goes_out_again()
    {
        using var fixture = new QueueFixture(depth: 2);
        var commands = Enumerable.Range(0, 3).Select(_ => new Repeated(fixture.Queue)).ToArray();
        OnLoop(fixture, () => Assert.Equal([true, true, false], commands.Select(fixture.Queue.TrySubmit)));
        Assert.Equal(2, fixture.Queue.InUse);
        for (var i = 0; i < 10; i++)
        {
            var command = (Repeated)fixture.Pair.Submitted[0];
            fixture.Pair.Answer(command);
            Assert.False(command.Accepted);
            fixture.Pair.Release(command);
            Assert.True(command.Accepted);
        }

        Assert.Equal(10, fixture.Queue.Completed);
        Stop(fixture, commands);
    }

    [Fact]
    public async Task Waiting_requests_go_first()
    {
        using var fixture = new QueueFixture(depth: 1);
        var command = new Repeated(fixture.Queue);
        OnLoop(fixture, () => Assert.True(fixture.Queue.TrySubmit(command)));
        var waiting = fixture.Start(7);
        fixture.Pair.Run();
        fixture.Pair.Finish(command);
        Assert.False(command.Accepted);
        Assert.Equal(7u, Assert.Single(fixture.Pair.Submitted).Entry.Dword10);
        fixture.Pair.Finish(fixture.Pair.Submitted[0]);
        await waiting.WaitAsync(QueueFixture.Patience);
    }

    [Fact]
    public void Submitting_allocates_nothing()
    {
        using var fixture = new QueueFixture(depth: 4);
        var commands = Enumerable.Range(0, 4).Select(_ => new Repeated(fixture.Queue)).ToArray();
        OnLoop(fixture, () => Array.ForEach(commands, command => fixture.Queue.TrySubmit(command)));
        Rounds(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Rounds(1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Stop(fixture, commands);

        void Rounds(int count)
        {
            for (var i = 0; i < count; i++)
            {
                // Without the fixture's closures.
                var command = commands[i % commands.Length];
                command.OnCompleted(default, null);
                fixture.Pair.Submitted.Remove(command);
                fixture.Pair.BeginLoop();
                command.OnReleased();
                fixture.Pair.EndLoop();
                fixture.Pair.Lifecycle.Release(ReferenceKind.Command);
            }
        }
    }

    [Fact]
    public void A_dead_queue_says_no_and_touches_nothing()
    {
        using var fixture = new QueueFixture(depth: 2);
        fixture.Pair.Close(TeardownCause.LocalClose);
        var command = new Repeated(fixture.Queue);
        OnLoop(fixture, () => Assert.False(fixture.Queue.TrySubmit(command)));
        Assert.Equal(0, fixture.Queue.InUse);
    }

    private static void OnLoop(QueueFixture fixture, Action action)
    {
        fixture.Pair.BeginLoop();
        try
        {
            action();
        }
        finally
        {
            fixture.Pair.EndLoop();
        }
    }

    private static void Stop(QueueFixture fixture, Repeated[] commands)
    {
        foreach (var command in commands)
        {
            command.Stopped = true;
        }

        while (fixture.Pair.Submitted.Count > 0)
        {
            fixture.Pair.Finish(fixture.Pair.Submitted[0]);
        }

        Assert.Equal(0, fixture.Queue.InUse);
    }

    private sealed class Repeated(NvmeQueue queue) : NvmeCommand
    {
        public bool Accepted { get; private set; }

        public bool Stopped { get; set; }

        protected override void OnEnded(in CompletionQueueEntry completion, Exception? error) => Accepted = false;

        protected override void OnDataReleased() => Accepted = !Stopped && queue.TrySubmit(this);
    }
}
