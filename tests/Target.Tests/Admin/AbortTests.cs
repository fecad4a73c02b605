using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Admin;

public class AbortTests
{
    private const uint Aborted = 0;
    private const uint NotAborted = 1;

    [Fact]
    public async Task A_read_at_the_back_end_is_aborted_and_its_memory_stays_until_the_answer()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        HostRequest read = host.Send(io, Commands.Read(0, 8));
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the read at the back end");
        long rented = target.Pool.Pool.Statistics.RentedBlocks;
        Assert.Equal(Aborted, await AbortAsync(host, 1, read));
        Assert.Equal(NvmeStatus.AbortRequested, (await read.AnswerAsync()).Status);
        Assert.Equal(rented, target.Pool.Pool.Statistics.RentedBlocks);

        // The slot of the transport serves the next command; the old one is the back end's.
        backend.Hold = false;
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Read(0, 8))).Status);
        }

        Assert.Equal(NotAborted, await AbortAsync(host, 1, read));
        backend.Release();
        Assert.Equal(0, target.Pool.Pool.Statistics.RentedBlocks);
    }

    [Fact]
    public async Task A_write_at_the_back_end_cannot_be_recalled()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        HostRequest write = host.Send(io, Commands.Write(0, new byte[512]));
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the write at the back end");
        Assert.Equal(NotAborted, await AbortAsync(host, 1, write));
        Assert.False(write.IsAnswered);
        backend.Release();
        Assert.Equal(NvmeStatus.Success, (await write.AnswerAsync()).Status);
    }

    [Fact]
    public async Task A_command_that_waits_for_memory_is_aborted()
    {
        await using var target = new TestTarget(poolLimit: 6 << 20);
        target.AddMemory();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        Assert.True(target.Pool.Pool.TryRent(1 << 20, BufferPriority.InputOutput, out BufferLease first));
        Assert.True(target.Pool.Pool.TryRent(1 << 20, BufferPriority.InputOutput, out BufferLease second));
        HostRequest write = host.Send(io, Commands.Write(0, new byte[512]));
        HostRequest read = host.Send(io, Commands.Read(0, 1));
        await TestTimeouts.UntilAsync(() => target.Pool.Pool.Statistics.Waiters == 2, "the commands waiting");
        Assert.Equal(Aborted, await AbortAsync(host, 1, write));
        Assert.Equal(NvmeStatus.AbortRequested, (await write.AnswerAsync()).Status);
        first.Release();
        second.Release();
        Assert.Equal(NvmeStatus.Success, (await read.AnswerAsync()).Status);
    }

    [Fact]
    public async Task What_is_not_there_is_not_aborted()
    {
        await using var target = new TestTarget();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        HostRequest flush = Commands.Flush();
        await host.IoAsync(io, flush);
        Assert.Equal(NotAborted, await AbortAsync(host, 1, flush));
        Assert.Equal(NotAborted, await AbortAsync(host, 2, flush));
        Assert.Equal(NotAborted, await AbortAsync(host, 0xFFFF, flush));
        Assert.Equal(NotAborted, await AbortAsync(host, 0, flush));
    }

    [Fact]
    public async Task Aborts_have_a_limit()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        FakeLoop loop = target.AddLoop();
        FakeQueuePair io = await host.ConnectIoAsync(loop: loop);
        using var gate = new ManualResetEventSlim();
        loop.Post(() => gate.Wait(TestTimeouts.Long));
        HostRequest[] aborts = [.. Enumerable.Range(0, 5).Select(i => host.Send(host.Admin, Commands.Abort(1, (ushort)i)))];
        Assert.Equal(NvmeStatus.AbortCommandLimitExceeded.WithDoNotRetry(), (await aborts[4].AnswerAsync()).Status);
        gate.Set();
        foreach (HostRequest abort in aborts[..4])
        {
            Assert.Equal(NotAborted, (await abort.AnswerAsync()).Completion.Dword0);
        }

        Assert.Equal(NvmeStatus.Success, (await host.AdminAsync(Commands.Abort(1, 1))).Status);
        Assert.NotNull(io.Parameters);
    }

    [Fact]
    public async Task Aborts_race_with_answers()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        TestHost host = await target.ConnectAsync();
        FakeQueuePair io = await host.ConnectIoAsync(loop: target.AddLoop());
        for (int i = 0; i < 200; i++)
        {
            HostRequest read = host.Send(io, Commands.Read(0, 8));
            await TestTimeouts.UntilAsync(() => backend.Held == 1, "the read at the back end");
            Task<uint> abort = AbortAsync(host, 1, read);
            backend.Release();
            Answer answer = await read.AnswerAsync();
            Assert.Equal(await abort == Aborted ? NvmeStatus.AbortRequested : NvmeStatus.Success, answer.Status);
        }
    }

    private static async Task<uint> AbortAsync(TestHost host, ushort queueId, HostRequest victim) =>
        (await host.SucceedAsync(Commands.Abort(queueId, victim.Entry.CommandId))).Completion.Dword0;

    private static async Task<(TestHost Host, FakeQueuePair Io)> ConnectAsync(TestTarget target)
    {
        TestHost host = await target.ConnectAsync();
        return (host, await host.ConnectIoAsync(loop: target.AddLoop()));
    }
}
