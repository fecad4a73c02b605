using Nvmf.Initiator.Internal;
using Nvmf.Initiator.Multipath;

namespace Nvmf.Initiator.Tests;

/// <summary>Transfers of several commands, some of which fail.</summary>
public class SplitTransferTests
{
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_part_that_may_still_be_executed_speaks_for_all(bool firstMayHaveBeenSent, bool secondMayHaveBeenSent)
    {
        var disk = new FailingDevice(new NvmeConnectionException("one", null, firstMayHaveBeenSent), new NvmeConnectionException("two", null, secondMayHaveBeenSent));
        var error = await Assert.ThrowsAsync<NvmeConnectionException>(() => disk.WriteAsync(0, new byte[FailingDevice.Most * 2]).AsTask());
        Assert.True(error.MayHaveBeenSent);
    }

    [Fact]
    public async Task So_it_does_when_another_part_was_late_or_refused()
    {
        var lost = new TimeoutException("late", new NvmeConnectionException("lost", null, mayHaveBeenSent: true));
        var disk = new FailingDevice(new IOException("refused"), lost);
        Assert.Same(lost, await Assert.ThrowsAsync<TimeoutException>(() => disk.WriteAsync(0, new byte[FailingDevice.Most * 2]).AsTask()));
        Assert.NotNull(Failures.LostConnection(lost));
        Assert.Null(Failures.LostConnection(new IOException()));
    }

    [Fact]
    public async Task Otherwise_the_first_error_is_the_callers()
    {
        var first = new IOException("first");
        var disk = new FailingDevice(first, new IOException("second"));
        Assert.Same(first, await Assert.ThrowsAsync<IOException>(() => disk.WriteAsync(0, new byte[FailingDevice.Most * 2]).AsTask()));
    }

    private sealed class FailingDevice(params Exception[] errors) : NvmeBlockDevice
    {
        public const int Most = 4096;

        private int _next;

        public override uint Id => 1;

        public override int BlockSize => 512;

        public override ulong BlockCount => 1024;

        public override int MaxTransferLength => Most;

        internal override ValueTask ExecuteAsync(BlockCommand command, CancellationToken cancellationToken) => ValueTask.FromException(errors[_next++]);
    }
}
