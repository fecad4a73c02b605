using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Tests.Fakes;

namespace Nvmf.Initiator.Tests;

/// <summary>Cancellation and deadlines at every stage of a request.</summary>
public class TakeBackTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    [Fact]
    public async Task Cancelled_before_it_reaches_the_loop()
    {
        using var fixture = new QueueFixture(depth: 1);
        using var source = new CancellationTokenSource();
        var task = fixture.StartRead(new byte[512], source.Token);
        await source.CancelAsync();
        fixture.Pair.Run();
        Assert.Empty(fixture.Pair.Submitted);
        await Assert.ThrowsAsync<OperationCanceledException>(() => task).WaitAsync(QueueFixture.Patience);
    }

    [Fact]
    public async Task Cancelled_while_waiting_for_a_slot()
    {
        using var fixture = new QueueFixture(depth: 1);
        using var source = new CancellationTokenSource();
        var first = fixture.Start(1);
        var second = fixture.Start(2, source.Token);
        var third = fixture.Start(3);
        fixture.Pair.Run();
        await source.CancelAsync();
        fixture.Pair.Run();
        var canceled = await Assert.ThrowsAsync<OperationCanceledException>(() => second).WaitAsync(QueueFixture.Patience);
        Assert.Equal(source.Token, canceled.CancellationToken);
        Assert.Empty(fixture.Aborts);
        fixture.Pair.Finish(fixture.Pair.Submitted[0]);
        var next = Assert.Single(fixture.Pair.Submitted);
        Assert.Equal(3u, next.Entry.Dword10);
        fixture.Pair.Finish(next);
        await Task.WhenAll(first, third).WaitAsync(QueueFixture.Patience);
    }

    [Fact]
    public async Task Cancelled_while_waiting_for_a_buffer()
    {
        using var fixture = new QueueFixture(depth: 1, poolLimit: 2 << 20);
        using var source = new CancellationTokenSource();
        var hoard = new Stack<Nvmf.Abstractions.Buffers.BufferLease>();
        while (fixture.Pool.Pool.TryRent(1 << 20, Nvmf.Abstractions.Buffers.BufferPriority.InputOutput, out var lease))
        {
            hoard.Push(lease);
        }

        var task = fixture.StartRead(new byte[1 << 20], source.Token);
        fixture.Pair.Run();
        await source.CancelAsync();
        fixture.Pair.Run();
        await Assert.ThrowsAsync<OperationCanceledException>(() => task).WaitAsync(QueueFixture.Patience);
        Assert.Equal(0, fixture.Pool.Pool.Statistics.Waiters);
        while (hoard.TryPop(out var lease))
        {
            lease.Release();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancelled_in_flight_it_is_aborted_and_ends_with_the_command(bool abortedInTime)
    {
        using var fixture = new QueueFixture(depth: 1);
        using var source = new CancellationTokenSource();
        var task = fixture.StartRead(new byte[512], source.Token);
        fixture.Pair.Run();
        var command = Assert.Single(fixture.Pair.Submitted);
        await source.CancelAsync();
        fixture.Pair.Run();
        Assert.Equal([command.Entry.CommandId], fixture.Aborts);
        Assert.False(task.IsCompleted);
        fixture.Scan();
        Assert.Single(fixture.Aborts);
        if (abortedInTime)
        {
            fixture.Pair.Finish(command, NvmeStatus.AbortRequested);
            await Assert.ThrowsAsync<OperationCanceledException>(() => task).WaitAsync(QueueFixture.Patience);
        }
        else
        {
            fixture.Pair.Finish(command);
            Assert.True((await task.WaitAsync(QueueFixture.Patience)).Status.IsSuccess);
        }
    }

    [Fact]
    public async Task Answered_but_not_released_it_is_not_aborted_because_its_identifier_may_be_anothers()
    {
        using var fixture = new QueueFixture(depth: 1);
        using var source = new CancellationTokenSource();
        var task = fixture.StartRead(new byte[512], source.Token);
        fixture.Pair.Run();
        var command = Assert.Single(fixture.Pair.Submitted);
        fixture.Pair.Answer(command);
        await source.CancelAsync();
        fixture.Pair.Run();
        fixture.Time.Advance(QueueFixture.Timeout);
        fixture.Scan();
        Assert.Empty(fixture.Aborts);
        Assert.False(task.IsCompleted);
        fixture.Pair.Release(command);
        Assert.True((await task.WaitAsync(QueueFixture.Patience)).Status.IsSuccess);
    }

    [Fact]
    public async Task An_abort_that_had_to_wait_is_sent_by_a_later_scan()
    {
        using var fixture = new QueueFixture(depth: 1) { MayAbort = false };
        using var source = new CancellationTokenSource();
        var task = fixture.Start(1, source.Token);
        fixture.Pair.Run();
        await source.CancelAsync();
        fixture.Pair.Run();
        fixture.MayAbort = true;
        fixture.Scan();
        Assert.Equal(2, fixture.Aborts.Count);
        fixture.Pair.Finish(fixture.Pair.Submitted[0], NvmeStatus.AbortRequested);
        await Assert.ThrowsAsync<OperationCanceledException>(() => task).WaitAsync(QueueFixture.Patience);
    }

    [Fact]
    public async Task A_late_command_is_aborted_and_its_task_says_so()
    {
        using var fixture = new QueueFixture(depth: 1);
        var task = fixture.Start();
        fixture.Pair.Run();
        fixture.Time.Advance(QueueFixture.Timeout - Tick);
        fixture.Scan();
        Assert.Empty(fixture.Aborts);
        fixture.Time.Advance(Tick);
        fixture.Scan();
        Assert.Single(fixture.Aborts);
        Assert.False(task.IsCompleted);
        fixture.Pair.Finish(fixture.Pair.Submitted[0], NvmeStatus.AbortRequested);
        await Assert.ThrowsAsync<TimeoutException>(() => task).WaitAsync(QueueFixture.Patience);
        Assert.Equal(QueuePairState.Live, fixture.Pair.Lifecycle.State);
    }

    [Fact]
    public async Task A_late_command_that_cannot_be_aborted_ends_the_queue_pair()
    {
        using var fixture = new QueueFixture(depth: 1);
        var stuck = fixture.StartRead(new byte[4096]);
        fixture.Pair.Run();
        fixture.Time.Advance(QueueFixture.Timeout);
        fixture.Scan();
        var waiting = fixture.Start(2);
        fixture.Pair.Run();
        fixture.Time.Advance(QueueFixture.AbortTimeout);
        fixture.Scan();
        Assert.Equal(TeardownCause.TimedOut, fixture.Pair.Lifecycle.Cause);
        fixture.Pair.Run();
        await Assert.ThrowsAsync<NvmeConnectionException>(() => waiting).WaitAsync(QueueFixture.Patience);

        // The transport still owns the data: no result before it lets go.
        Assert.False(stuck.IsCompleted);
        Assert.Equal(1, fixture.Pool.Pool.Statistics.RentedBlocks);
        fixture.Pair.Release(Assert.Single(fixture.Pair.Unreleased));
        await Assert.ThrowsAsync<TimeoutException>(() => stuck).WaitAsync(QueueFixture.Patience);
    }

    [Fact]
    public async Task Late_in_the_line_it_just_leaves()
    {
        using var fixture = new QueueFixture(depth: 1);
        var first = fixture.Start(1);
        fixture.Pair.Run();
        fixture.Time.Advance(Tick);
        var second = fixture.Start(2);
        fixture.Pair.Run();
        fixture.Pair.Finish(fixture.Pair.Submitted[0]);
        await first.WaitAsync(QueueFixture.Patience);
        var third = fixture.Start(3);
        fixture.Pair.Run();
        fixture.Time.Advance(QueueFixture.Timeout);
        fixture.Scan();
        await Assert.ThrowsAsync<TimeoutException>(() => third).WaitAsync(QueueFixture.Patience);
        fixture.Pair.Finish(fixture.Pair.Submitted[0]);
        await second.WaitAsync(QueueFixture.Patience);
    }

    [Fact]
    public async Task Cancelled_and_then_late_it_is_asked_back_twice()
    {
        using var fixture = new QueueFixture(depth: 1);
        using var source = new CancellationTokenSource();
        var task = fixture.Start(1, source.Token);
        fixture.Pair.Run();
        await source.CancelAsync();
        fixture.Pair.Run();
        fixture.Time.Advance(QueueFixture.Timeout);
        fixture.Scan();
        Assert.Equal(2, fixture.Aborts.Count);
        fixture.Pair.Finish(fixture.Pair.Submitted[0], NvmeStatus.AbortRequested);
        await Assert.ThrowsAsync<TimeoutException>(() => task).WaitAsync(QueueFixture.Patience);
    }
}
