using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Multipath;
using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Initiator.Tests.Multipath.Fakes;
using Nvmf.Transport.Tcp;
using Xunit.Abstractions;

namespace Nvmf.Initiator.Tests.Multipath;

/// <summary>
/// Failure F4 as it happened: a write times out, its retransmission waits behind a closed window, the reply to the first transmission arrives, and whoever was told that the write is
/// done uses its buffer for something else.
/// </summary>
public class RetransmissionTests(ITestOutputHelper output)
{
    private const int Length = 1 << 20;
    private const byte Mine = 0x4D;
    private const byte Foreign = 0xEE;

    // Connect, the capsule and the beginning of the data; the rest waits on this side, in the kernel or before it.
    private const int Window = 16 << 10;

    [Fact]
    public async Task No_foreign_byte_leaves_while_a_retransmission_is_queued()
    {
        await using var fixture = await MultipathFixture.StartAsync(paths: 2, zeroCopy: ZeroCopyMode.Always);
        fixture.Proxies[1].Records = true;
        await using var subsystem = await fixture.ConnectAsync(MultipathFixture.NewOptions(commandTimeout: TimeSpan.FromSeconds(3)));
        var disk = await subsystem.OpenNamespaceAsync(1);
        await GhostWriteTests.PreferFirstPathAsync(fixture, subsystem, disk);
        var data = Rent(fixture.HostPool.Pool, Mine);
        var pieces = Length / disk.MaxTransferLength;

        fixture.Proxies[0].Down.Shut();
        fixture.Proxies[0].HideEndsFromTarget();
        var write = disk.WriteAsync(0, data).AsTask();
        // The first transmission is out, its reply (or its R2T) held back. The host gives the path up.
        await Eventually.IsTrueAsync(() => fixture.Proxies[0].Down.Waiting > 0, "No reply is held back.");
        fixture.Proxies[1].Up.Set(Window);
        await Eventually.IsTrueAsync(() => subsystem.Paths[0].State != NvmePathState.Live, "The path is not given up.");
        await Eventually.IsTrueAsync(() => fixture.Proxies[1].Up.Waiting > 0, "The retransmission does not wait.");

        // Late replies of the first; the write must not end by them, for the second can still read the lease.
        fixture.Proxies[0].Down.Open();
        Assert.False(write.IsCompleted);
        fixture.Proxies[1].Up.Open();
        await write.WaitAsync(TargetFixture.Patience);

        // Done: the lease is the caller's, and he uses it at once.
        data.Span.Fill(Foreign);
        await AssertNothingForeignAsync(fixture, disk);
        data.Release();
        output.WriteLine($"{pieces} command(s), {subsystem.Paths[1].Associations} association(s) of the second path");
    }

    [Fact]
    public async Task The_same_sequence_with_a_release_on_the_first_reply_is_caught()
    {
        await using var fixture = await MultipathFixture.StartAsync(paths: 2, zeroCopy: ZeroCopyMode.Always);
        fixture.Proxies[1].Records = true;
        var options = MultipathFixture.NewOptions().Connect;
        await using var first = await fixture.Host.ConnectAsync(fixture.Proxies[0].EndPoint, options);
        await using var second = await fixture.Host.ConnectAsync(fixture.Proxies[1].EndPoint, options);
        var disk = await second.OpenNamespaceAsync(1);
        var data = Rent(fixture.HostPool.Pool, Mine);

        // What our library does not do: two transmissions at a time, and the first answer ends the write.
        fixture.Proxies[0].Down.Shut();
        using var one = new NaiveWrite(first.IoQueues[0], data);
        await Eventually.IsTrueAsync(() => fixture.Proxies[0].Down.Waiting > 0, "No reply is held back.");
        fixture.Proxies[1].Up.Set(Window);
        using var two = new NaiveWrite(second.IoQueues[0], data);
        await Eventually.IsTrueAsync(() => fixture.Proxies[1].Up.Waiting > 0, "The retransmission does not wait.");
        fixture.Proxies[0].Down.Open();
        await one.Answered.WaitAsync(TargetFixture.Patience);
        data.Span.Fill(Foreign);

        fixture.Proxies[1].Up.Open();
        await two.Released.WaitAsync(TargetFixture.Patience);
        await one.Released.WaitAsync(TargetFixture.Patience);
        var caught = await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => AssertNothingForeignAsync(fixture, disk));
        output.WriteLine(caught.Message);
        data.Release();
    }

    private static async Task AssertNothingForeignAsync(MultipathFixture fixture, NvmeBlockDevice disk)
    {
        var onTheWire = CountForeign(fixture.Proxies[1].Recorded);
        Assert.True(onTheWire == 0, $"{onTheWire} sectors of foreign bytes on the wire.");
        var stored = new byte[Length];
        await disk.ReadAsync(0, stored);
        Assert.True(stored.AsSpan().IndexOfAnyExcept(Mine) < 0, $"{CountForeign(stored)} sectors of foreign bytes on the disk.");
    }

    private static int CountForeign(byte[] bytes)
    {
        Span<byte> sector = stackalloc byte[512];
        sector.Fill(Foreign);
        var count = 0;
        for (var rest = bytes.AsSpan(); rest.IndexOf(sector) is >= 0 and var found; rest = rest[(found + sector.Length)..])
        {
            count++;
        }

        return count;
    }

    private static BufferLease Rent(BufferPool pool, byte value)
    {
        Assert.True(pool.TryRent(Length, BufferPriority.InputOutput, out var lease));
        lease.Span.Fill(value);
        return lease;
    }

    private sealed class NaiveWrite : NvmeCommand, IThreadPoolWorkItem, IDisposable
    {
        private readonly NvmeQueue _queue;
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public NaiveWrite(NvmeQueue queue, BufferLease data)
        {
            _queue = queue;
            Entry = new SubmissionQueueEntry { Opcode = (byte)InputOutputOpcode.Write, NamespaceId = 1 };
            InputOutputCommand.Edit(ref Entry).Blocks = Length / MultipathFixture.BlockSize;
            Data = data.Retain();
            Direction = DataDirection.HostToController;
            Assert.True(queue.TryPost(this));
        }

        public Task Answered => _answered.Task;

        public Task Released => _released.Task;

        public void Execute()
        {
            Assert.True(_queue.TrySubmit(this));
            _queue.Flush();
        }

        public void Dispose() => Data.Release();

        protected override void OnEnded(in CompletionQueueEntry completion, Exception? error) => _answered.TrySetResult();

        protected override void OnDataReleased() => _released.TrySetResult();
    }
}
