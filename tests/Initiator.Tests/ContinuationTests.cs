using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Target.Namespaces;

namespace Nvmf.Initiator.Tests;

/// <summary>Where the code after an await goes on.</summary>
public class ContinuationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_option_says_whether_the_code_after_an_await_runs_on_the_loop(bool onLoop)
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var controller = await fixture.ConnectAsync(new NvmeConnectOptions { SubsystemNqn = TargetFixture.Nqn, RunContinuationsOnLoop = onLoop });
        var disk = await controller.OpenNamespaceAsync(1);
        fixture.Disk.Hold();
        var seen = SeesLoopAsync(controller.IoQueues[0], disk.ReadAsync(0, new byte[512]));
        // Its continuation is there before its end.
        await Eventually.IsTrueAsync(() => fixture.Disk.Seen(BackendOperation.Read) > 0, "The read did not arrive.");
        fixture.Disk.GoOn();
        Assert.Equal(onLoop, await seen.WaitAsync(TargetFixture.Patience));
    }

    [Fact]
    public async Task A_continuation_that_throws_takes_no_other_with_it()
    {
        using var fixture = new QueueFixture(depth: 3);
        var tasks = new Task[3];
        for (var i = 0; i < tasks.Length; i++)
        {
            tasks[i] = Start(fixture, throws: i == 0);
        }

        fixture.Pair.Run();
        foreach (var command in fixture.Pair.Submitted.ToArray())
        {
            fixture.Pair.Finish(command);
        }

        // Nothing runs inside the transport's callbacks.
        Assert.All(tasks, task => Assert.False(task.IsCompleted));
        Assert.Throws<InvalidTimeZoneException>(fixture.Pair.Run);
        await Task.WhenAll(tasks).WaitAsync(QueueFixture.Patience);
    }

    [Fact]
    public async Task Every_task_ends_with_the_queue_pair()
    {
        using var fixture = new QueueFixture(depth: 1);
        var sent = Start(fixture, throws: false);
        var waiting = Start(fixture, throws: false);
        fixture.Pair.Run();
        fixture.Pair.Close(TeardownCause.ConnectionReset);
        fixture.Pair.Run();
        fixture.Pair.Release(Assert.Single(fixture.Pair.Unreleased));
        fixture.Pair.Run();
        await fixture.Queue.Ended.WaitAsync(QueueFixture.Patience);
        var late = Start(fixture, throws: false);
        await Task.WhenAll(sent, waiting, late).WaitAsync(QueueFixture.Patience);
    }

    private static async Task<bool> SeesLoopAsync(NvmeQueue queue, ValueTask command)
    {
        await command.ConfigureAwait(false);
        return queue.IsOnLoop;
    }

    // Ends when the continuation has run.
    private static Task Start(QueueFixture fixture, bool throws)
    {
        var request = fixture.NewRequest();
        request.EndsOnLoop = true;
        var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
#pragma warning disable CA2012 // An awaiter like any other, but one whose continuation can throw.
        var awaiter = NvmeController.Start(request, fixture.Queue, CancellationToken.None).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        awaiter.UnsafeOnCompleted(() =>
        {
            ran.SetResult();
            if (throws)
            {
                throw new InvalidTimeZoneException();
            }
        });
        return ran.Task;
    }
}
