using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Tests.Fakes;

namespace Nvmf.Initiator.Tests;

/// <summary>The end of a queue pair without proof that its data is off the wire.</summary>
public class QuarantineTests
{
    [Fact]
    public async Task A_lease_of_the_caller_never_comes_back_and_somebody_hears_of_it()
    {
        using var fixture = new QueueFixture(depth: 2);
        var lease = fixture.Rent(4096);
        var request = fixture.NewRequest();
        request.UseLease(lease, DataDirection.HostToController);
        var task = fixture.Start(request);
        // Another one, to know when the first would have ended.
        var other = fixture.StartRead(new byte[512]);
        fixture.Pair.Run();
        fixture.Pair.Close(TeardownCause.ConnectionReset);
        fixture.Pair.Run();
        foreach (var command in fixture.Pair.Unreleased.ToArray())
        {
            fixture.Pair.Quarantine(command);
        }

        await Assert.ThrowsAsync<NvmeConnectionException>(() => other).WaitAsync(QueueFixture.Patience);
        Assert.Equal(["Read"], fixture.Quarantined);
        Assert.False(task.IsCompleted);
        // No deadline brings it back either.
        fixture.Time.Advance(QueueFixture.Timeout + QueueFixture.AbortTimeout);
        fixture.Scan();
        Assert.False(task.IsCompleted);
        lease.Release();
        request.Data.Release();
    }

    [Fact]
    public async Task Memory_of_the_caller_was_copied_and_its_command_ends()
    {
        using var fixture = new QueueFixture(depth: 1);
        var request = fixture.NewRequest();
        request.UseSource(new byte[4096]);
        var task = fixture.Start(request);
        fixture.Pair.Run();
        fixture.Pair.Close(TeardownCause.ConnectionReset);
        fixture.Pair.Run();
        fixture.Pair.Quarantine(Assert.Single(fixture.Pair.Unreleased));
        var error = await Assert.ThrowsAsync<NvmeConnectionException>(() => task).WaitAsync(QueueFixture.Patience);
        Assert.True(error.MayHaveBeenSent);
        Assert.Empty(fixture.Quarantined);
    }

    [Fact]
    public async Task What_was_never_sent_says_so()
    {
        using var fixture = new QueueFixture(depth: 1);
        var first = fixture.Start(1);
        var waiting = fixture.Start(2);
        fixture.Pair.Run();
        fixture.Pair.Close(TeardownCause.ConnectionReset);
        fixture.Pair.Run();
        Assert.False((await Assert.ThrowsAsync<NvmeConnectionException>(() => waiting).WaitAsync(QueueFixture.Patience)).MayHaveBeenSent);
        fixture.Pair.Release(Assert.Single(fixture.Pair.Unreleased));
        Assert.True((await Assert.ThrowsAsync<NvmeConnectionException>(() => first).WaitAsync(QueueFixture.Patience)).MayHaveBeenSent);
    }

    [Fact]
    public async Task The_early_signal_comes_with_the_answer_and_the_lease_with_the_release()
    {
        using var fixture = new QueueFixture(depth: 1);
        var lease = fixture.Rent(4096);
        var answered = 0;
        var request = fixture.NewRequest();
        request.Answered = () => answered++;
        request.UseLease(lease, DataDirection.HostToController);
        var task = fixture.Start(request);
        fixture.Pair.Run();
        var command = Assert.Single(fixture.Pair.Submitted);
        fixture.Pair.Answer(command);
        Assert.Equal(1, answered);
        Assert.False(task.IsCompleted);
        fixture.Pair.Release(command);
        await task.WaitAsync(QueueFixture.Patience);
        Assert.Equal(1, answered);
        lease.Release();
    }
}
