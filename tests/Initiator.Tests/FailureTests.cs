using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Transport.Tcp;

namespace Nvmf.Initiator.Tests;

public class FailureTests
{
    [Fact]
    public async Task A_cancelled_read_is_aborted_at_the_target_and_ends_before_the_disk_answers()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var controller = await fixture.ConnectAsync();
        var disk = await controller.OpenNamespaceAsync(1);
        fixture.Disk.Hold();
        using var source = new CancellationTokenSource();
        var read = disk.ReadAsync(0, new byte[512], source.Token).AsTask();
        await Eventually.IsTrueAsync(() => fixture.Disk.Held == 1, "The read did not reach the disk.");
        await source.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => read).WaitAsync(TargetFixture.Patience);
        Assert.Equal(1, fixture.Disk.Held);
        fixture.Disk.GoOn();
        await disk.ReadAsync(0, new byte[512]).AsTask().WaitAsync(TargetFixture.Patience);
    }

    [Fact]
    public async Task A_cancelled_command_that_still_waits_leaves_the_others_alone()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var controller = await fixture.ConnectAsync(new NvmeConnectOptions { SubsystemNqn = TargetFixture.Nqn, QueueDepth = 1 });
        var disk = await controller.OpenNamespaceAsync(1);
        fixture.Disk.Hold();
        using var source = new CancellationTokenSource();
        var first = disk.WriteAsync(0, new byte[512]).AsTask();
        await Eventually.IsTrueAsync(() => fixture.Disk.Held == 1, "The write did not reach the disk.");
        var waiting = disk.ReadAsync(0, new byte[512], source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting).WaitAsync(TargetFixture.Patience);
        Assert.False(first.IsCompleted);
        fixture.Disk.GoOn();
        await first.WaitAsync(TargetFixture.Patience);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_target_that_dies_fails_every_command_and_no_buffer_is_lost(bool zeroCopy)
    {
        await using var fixture = await TargetFixture.StartAsync(zeroCopy ? ZeroCopyMode.Always : default);
        await using var controller = await fixture.ConnectAsync(
            new NvmeConnectOptions { SubsystemNqn = TargetFixture.Nqn, QueueCount = 2, QueueDepth = 8 });
        var disk = await controller.OpenNamespaceAsync(1);
        fixture.Disk.Hold();
        // More than the queues take: some are in flight, some wait.
        var tasks = Enumerable.Range(0, 64)
            .Select(i => i % 2 == 0 ? disk.ReadAsync((ulong)i, new byte[4096]).AsTask() : disk.WriteAsync((ulong)i, new byte[64 << 10]).AsTask()).ToArray();
        await Eventually.IsTrueAsync(() => fixture.Disk.Held > 0, "Nothing reached the disk.");
        var killing = fixture.KillTargetAsync();
        foreach (var task in tasks)
        {
            await Assert.ThrowsAsync<NvmeConnectionException>(() => task).WaitAsync(TargetFixture.Patience);
        }

        var report = await controller.Ended.WaitAsync(TargetFixture.Patience);
        Assert.Contains(report.Cause, new[] { TeardownCause.ConnectionReset, TeardownCause.HostClosed, TeardownCause.AssociationEnded });
        await Assert.ThrowsAsync<NvmeConnectionException>(() => disk.FlushAsync().AsTask()).WaitAsync(TargetFixture.Patience);
        fixture.HostPool.AssertAllReleased();
        fixture.Disk.GoOn();
        await killing;
    }

    [Fact]
    public async Task Disposing_under_load_ends_every_command()
    {
        await using var fixture = await TargetFixture.StartAsync();
        var controller = await fixture.ConnectAsync(new NvmeConnectOptions { SubsystemNqn = TargetFixture.Nqn, QueueCount = 2, QueueDepth = 16 });
        var disk = await controller.OpenNamespaceAsync(1);
        var ended = 0;
        var workers = Enumerable.Range(0, 40).Select(_ => Task.Run(async () =>
        {
            var memory = new byte[16 << 10];
            try
            {
                while (true)
                {
                    await disk.ReadAsync(0, memory);
                }
            }
            catch (NvmeConnectionException)
            {
                Interlocked.Increment(ref ended);
            }
        })).ToArray();
        await Eventually.IsTrueAsync(() => controller.IoQueues.Sum(queue => queue.Completed) > 200, "There is no load.");
        await controller.DisposeAsync().AsTask().WaitAsync(TargetFixture.Patience);
        await Task.WhenAll(workers).WaitAsync(TargetFixture.Patience);
        Assert.Equal(40, ended);
        fixture.HostPool.AssertAllReleased();
    }

    [Fact]
    public async Task A_command_past_its_deadline_is_taken_back()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var controller = await fixture.ConnectAsync(new NvmeConnectOptions
        {
            SubsystemNqn = TargetFixture.Nqn,
            CommandTimeout = TimeSpan.FromMilliseconds(200),
            AbortTimeout = TimeSpan.FromMilliseconds(300),
        });
        var disk = await controller.OpenNamespaceAsync(1);
        fixture.Disk.Hold();
        await Assert.ThrowsAsync<TimeoutException>(() => disk.ReadAsync(0, new byte[4096]).AsTask()).WaitAsync(TargetFixture.Patience);
        fixture.Disk.GoOn();
    }

    [Fact]
    public async Task When_one_queue_ends_the_association_does()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var controller = await fixture.ConnectAsync(new NvmeConnectOptions { SubsystemNqn = TargetFixture.Nqn, QueueCount = 3 });
        controller.IoQueues[1].Lifecycle.BeginTeardown(TeardownCause.InternalError);
        var report = await controller.Ended.WaitAsync(TargetFixture.Patience);
        Assert.Equal(TeardownCause.InternalError, report.Cause);
        Assert.All(controller.IoQueues, queue => Assert.True(queue.Ended.IsCompleted));
        Assert.True(controller.AdminQueue.Ended.IsCompleted);
    }
}
