using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Internal;
using Nvmf.Initiator.Tests.Fakes;

namespace Nvmf.Initiator.Tests;

public class QueueTests
{
    [Fact]
    public async Task Requests_beyond_the_depth_wait_and_are_sent_in_order()
    {
        using var fixture = new QueueFixture(depth: 2);
        var tasks = Enumerable.Range(0, 7).Select(tag => fixture.Start((uint)tag)).ToArray();
        fixture.Pair.Run();
        var order = new List<uint>();
        while (fixture.Pair.Submitted.Count > 0)
        {
            Assert.True(fixture.Pair.Submitted.Count <= 2);
            var command = fixture.Pair.Submitted[0];
            order.Add(command.Entry.Dword10);
            fixture.Pair.Finish(command, dword0: command.Entry.Dword10 + 100);
        }

        Assert.Equal([0, 1, 2, 3, 4, 5, 6], order);
        var results = await Task.WhenAll(tasks).WaitAsync(QueueFixture.Patience);
        Assert.Equal([100, 101, 102, 103, 104, 105, 106], results.Select(result => result.Dword0));
        Assert.Equal(0, fixture.Queue.InUse);
        Assert.Equal(7, fixture.Queue.Completed);
    }

    [Fact]
    public async Task A_request_that_finds_the_loop_overrun_with_messages_gets_there_with_the_next_scan()
    {
        using var fixture = new QueueFixture(depth: 1);
        var messages = 0;
        while (fixture.Pair.Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            messages++;
        }

        var task = fixture.Start(1);
        Assert.True(fixture.Queue.HasRequests);
        fixture.Pair.Lifecycle.Release(ReferenceKind.Event, messages);
        fixture.Scan();
        fixture.Pair.Finish(Assert.Single(fixture.Pair.Submitted));
        await task.WaitAsync(QueueFixture.Patience);
    }

    [Fact]
    public async Task A_request_for_more_memory_than_the_pool_ever_lends_fails_alone()
    {
        using var fixture = new QueueFixture(depth: 1);
        var excessive = fixture.StartRead(new byte[fixture.Pool.Pool.MaxLength + 1]);
        var next = fixture.Start(7);
        fixture.Pair.Run();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => excessive).WaitAsync(QueueFixture.Patience);
        fixture.Pair.Finish(Assert.Single(fixture.Pair.Submitted));
        await next.WaitAsync(QueueFixture.Patience);
    }

    [Fact]
    public async Task A_request_that_the_transport_cannot_send_fails_alone()
    {
        using var fixture = new QueueFixture(depth: 1);
        fixture.Pair.NextRefusal = new InvalidOperationException("Not in the pool.");
        var refused = fixture.Start(1);
        var next = fixture.Start(7);
        fixture.Pair.Run();
        await Assert.ThrowsAsync<InvalidOperationException>(() => refused).WaitAsync(QueueFixture.Patience);
        fixture.Pair.Finish(Assert.Single(fixture.Pair.Submitted));
        await next.WaitAsync(QueueFixture.Patience);
        Assert.Equal(0, fixture.Queue.InUse);
    }

    [Fact]
    public async Task A_task_ends_with_the_release_and_not_with_the_answer()
    {
        using var fixture = new QueueFixture(depth: 1);
        var memory = new byte[4096];
        var task = fixture.StartRead(memory);
        var waiting = fixture.Start(7);
        fixture.Pair.Run();
        var command = Assert.Single(fixture.Pair.Submitted);
        command.Data.Span.Fill(0x5A);
        fixture.Pair.Answer(command);

        // The answer is there, but a transmission may still be out: no result, no copy, and the slot is not free.
        Assert.Empty(fixture.Pair.Submitted);
        Assert.False(task.IsCompleted);
        Assert.True(memory.AsSpan().IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(1, fixture.Pool.Pool.Statistics.RentedBlocks);

        fixture.Pair.Release(command);
        await task.WaitAsync(QueueFixture.Patience);
        Assert.True(memory.AsSpan().IndexOfAnyExcept((byte)0x5A) < 0);
        fixture.Pool.AssertAllReleased();
        fixture.Pair.Finish(Assert.Single(fixture.Pair.Submitted));
        await waiting.WaitAsync(QueueFixture.Patience);
    }

    [Fact]
    public async Task A_lease_is_kept_for_the_request_even_when_the_caller_lets_go_of_it()
    {
        using var fixture = new QueueFixture(depth: 1);
        var lease = fixture.Rent(4096);
        var request = fixture.NewRequest();
        request.UseLease(lease, DataDirection.ControllerToHost);
        var task = fixture.Start(request);
        lease.Release();
        fixture.Pair.Run();
        Assert.Equal(1, fixture.Pool.Pool.Statistics.RentedBlocks);
        fixture.Pair.Finish(Assert.Single(fixture.Pair.Submitted));
        await task.WaitAsync(QueueFixture.Patience);
        fixture.Pool.AssertAllReleased();
    }

    [Fact]
    public async Task An_error_status_is_an_exception_with_its_text_or_a_result_for_raw_commands()
    {
        using var fixture = new QueueFixture(depth: 2);
        var throwing = fixture.Start();
        var request = fixture.NewRequest();
        request.ThrowsOnErrorStatus = false;
        var raw = fixture.Start(request);
        fixture.Pair.Run();
        foreach (var command in fixture.Pair.Submitted.ToArray())
        {
            fixture.Pair.Finish(command, NvmeStatus.LbaOutOfRange.WithDoNotRetry());
        }

        var error = await Assert.ThrowsAsync<NvmeException>(() => throwing).WaitAsync(QueueFixture.Patience);
        Assert.Equal(NvmeStatus.LbaOutOfRange.WithDoNotRetry(), error.Status);
        Assert.Equal("Read", error.Command);
        Assert.Contains("LBA Out of Range", error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(NvmeStatus.LbaOutOfRange.WithDoNotRetry(), (await raw.WaitAsync(QueueFixture.Patience)).Status);
    }

    [Fact]
    public async Task Requests_wait_for_memory_and_admin_slots_stay_free_for_urgent_ones()
    {
        using var fixture = new QueueFixture(depth: 8, id: 0);
        var normal = Enumerable.Range(0, 4).Select(tag => fixture.Start((uint)tag)).ToArray();
        fixture.Pair.Run();
        Assert.Equal(2, fixture.Pair.Submitted.Count);
        var urgent = fixture.Start(fixture.NewRequest(99, urgent: true));
        fixture.Pair.Run();
        Assert.Equal(99u, fixture.Pair.Submitted[^1].Entry.Dword10);
        while (fixture.Pair.Submitted.Count > 0)
        {
            fixture.Pair.Finish(fixture.Pair.Submitted[0]);
        }

        await Task.WhenAll([.. normal, urgent]).WaitAsync(QueueFixture.Patience);
    }

    [Fact]
    public async Task Events_are_asked_for_again_while_requests_wait_for_slots()
    {
        using var fixture = new QueueFixture(depth: 8, id: 0);
        var events = System.Threading.Channels.Channel.CreateUnbounded<AsynchronousEventResult>();
        fixture.Queue.TryPost(new AsyncEventCommand(fixture.Queue, events.Writer));
        fixture.Pair.Run();
        var request = Assert.Single(fixture.Pair.Submitted);
        var normal = Enumerable.Range(0, 4).Select(tag => fixture.Start((uint)tag)).ToArray();
        fixture.Pair.Run();
        for (var i = 0; i < 3; i++)
        {
            fixture.Pair.Finish(request, dword0: 2);
            Assert.True(events.Reader.TryRead(out _));
            Assert.Contains(request, fixture.Pair.Submitted);
        }

        Assert.Equal(3, fixture.Pair.Submitted.Count);
        while (normal.Any(task => !task.IsCompleted) && fixture.Pair.Submitted.Find(command => command != request) is { } next)
        {
            fixture.Pair.Finish(next);
        }

        await Task.WhenAll(normal).WaitAsync(QueueFixture.Patience);
    }

    [Fact]
    public async Task Requests_wait_for_a_buffer_of_the_pool()
    {
        using var fixture = new QueueFixture(depth: 4, poolLimit: 2 << 20);
        var hoard = new Stack<Nvmf.Abstractions.Buffers.BufferLease>();
        while (fixture.Pool.Pool.TryRent(1 << 20, Nvmf.Abstractions.Buffers.BufferPriority.InputOutput, out var lease))
        {
            hoard.Push(lease);
        }

        var memory = new byte[1 << 20];
        var task = fixture.StartRead(memory);
        fixture.Pair.Run();
        Assert.Empty(fixture.Pair.Submitted);
        while (hoard.TryPop(out var lease))
        {
            lease.Release();
        }

        fixture.Pair.Run();
        fixture.Pair.Finish(Assert.Single(fixture.Pair.Submitted));
        await task.WaitAsync(QueueFixture.Patience);
    }
}
