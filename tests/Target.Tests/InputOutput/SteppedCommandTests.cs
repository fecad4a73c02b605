using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.InputOutput;

public class SteppedCommandTests
{
    [Fact]
    public async Task Copy_gathers_its_sources()
    {
        await using var target = new TestTarget(options => options.ChunkSize = 4096);
        target.AddMemory();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        byte[] data = new byte[1 << 20];
        new Random(3).NextBytes(data);
        await host.IoAsync(io, Commands.Write(0, data));
        (ulong, uint)[] sources = [(5, 1), (100, 300), (7, 8), (2000, 48)];
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Copy(4000, sources))).Status);
        byte[] expected = [.. sources.SelectMany(source => data.AsSpan((int)source.Item1 * 512, (int)source.Item2 * 512).ToArray())];
        Assert.Equal(expected, (await host.IoAsync(io, Commands.Read(4000, (uint)expected.Length / 512))).Data);
    }

    [Fact]
    public async Task Copy_has_limits()
    {
        await using var target = new TestTarget();
        target.AddMemory(256 << 20);
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        NvmeStatus tooLarge = NvmeStatus.CommandSizeLimitExceeded.WithDoNotRetry();
        NvmeStatus outOfRange = NvmeStatus.LbaOutOfRange.WithDoNotRetry();
        NvmeStatus overlap = new NvmeStatus(1, 0x87).WithDoNotRetry();
        Assert.Equal(tooLarge, await StatusAsync(Commands.Copy(200_000, (0, 32769))));
        Assert.Equal(tooLarge, await StatusAsync(Commands.Copy(300_000, [.. Enumerable.Repeat((0ul, 32768u), 5)])));
        Assert.Equal(tooLarge, await StatusAsync(Commands.Copy(200_000, [.. Enumerable.Repeat((0ul, 1u), 129)])));
        Assert.Equal(outOfRange, await StatusAsync(Commands.Copy(0, (524_287, 2))));
        Assert.Equal(outOfRange, await StatusAsync(Commands.Copy(0, (ulong.MaxValue, 1))));
        Assert.Equal(outOfRange, await StatusAsync(Commands.Copy(524_287, (0, 2))));
        Assert.Equal(outOfRange, await StatusAsync(Commands.Copy(ulong.MaxValue, (0, 2))));
        Assert.Equal(overlap, await StatusAsync(Commands.Copy(101, (50, 1), (100, 2))));
        Assert.Equal(NvmeStatus.Success, await StatusAsync(Commands.Copy(102, (100, 2))));
        HostRequest format = Commands.Copy(100, (0, 1));
        CopyCommand.Edit(ref format.Entry).DescriptorFormat = 1;
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), await StatusAsync(format));
        HostRequest lengths = Commands.Copy(100, (0, 1));
        CopyCommand.Edit(ref lengths.Entry).Ranges = 2;
        Assert.Equal(NvmeStatus.DataSglLengthInvalid.WithDoNotRetry(), await StatusAsync(lengths));
        HostRequest protection = Commands.Copy(100, (0, 1));
        CopyCommand.Edit(ref protection.Entry).Control = 1 << 13;
        Assert.Equal(NvmeStatus.InvalidProtectionInformation.WithDoNotRetry(), await StatusAsync(protection));

        async Task<NvmeStatus> StatusAsync(HostRequest request) => (await host.IoAsync(io, request)).Status;
    }

    [Fact]
    public async Task Linux_describes_more_deallocation_ranges_than_it_sends()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend();
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        HostRequest one = Commands.DatasetManagement((8, 8));
        byte[] padded = new byte[4096];
        one.HostData!.CopyTo(padded, 0);
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, new HostRequest(one.Entry) { HostData = padded })).Status);
        Assert.Equal(1, backend.Submitted);
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, (await host.IoAsync(io, new HostRequest(one.Entry) { HostData = new byte[8192] })).Code);
        DatasetManagementCommand.Edit(ref one.Entry).Ranges = 2;
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, (await host.IoAsync(io, new HostRequest(one.Entry) { HostData = new byte[16] })).Code);
    }

    [Fact]
    public async Task Deallocation_is_checked_before_it_begins()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend();
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        Assert.Equal(NvmeStatus.LbaOutOfRange.WithDoNotRetry(), (await host.IoAsync(io, Commands.DatasetManagement((0, 1), (8192, 1)))).Status);
        Assert.Equal(NvmeStatus.LbaOutOfRange.WithDoNotRetry(), (await host.IoAsync(io, Commands.DatasetManagement((ulong.MaxValue, 2)))).Status);
        Assert.Equal(0, backend.Submitted);
        HostRequest hint = Commands.DatasetManagement((0, 1));
        DatasetManagementCommand.Edit(ref hint.Entry).Attributes = 0;
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, hint)).Status);
        Assert.Equal(0, backend.Submitted);
        (ulong, uint)[] all = [.. Enumerable.Range(0, 256).Select(i => ((ulong)i * 2, 1u))];
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.DatasetManagement(all))).Status);
        Assert.Equal(256, backend.Submitted);
    }

    [Fact]
    public async Task Large_commands_let_others_pass()
    {
        await using var target = new TestTarget(options => options.ChunkSize = 4096);
        target.AddMemory(64 << 20);
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        var verify = new HostRequest(Commands.InputOutput(InputOutputOpcode.Verify, 0, 65536));

        // Both are in the loop's queue before the first begins.
        HostRequest read = await io.Loop.RunAsync(() =>
        {
            host.Send(io, verify);
            return host.Send(io, Commands.Read(0, 1));
        });
        Assert.True((await read.AnswerAsync()).Status.IsSuccess);
        Assert.True((await verify.AnswerAsync()).Status.IsSuccess);
        Assert.True(read.AnswerOrder < verify.AnswerOrder);
    }

    [Fact]
    public async Task A_large_compare_that_finds_no_scratch_memory_may_be_tried_again()
    {
        await using var target = new TestTarget(poolLimit: 6 << 20);
        target.AddMemory();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        byte[] data = new byte[1 << 20];
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Compare(0, data))).Status);
        Assert.True(target.Pool.Pool.TryRent(1 << 20, Abstractions.Buffers.BufferPriority.InputOutput, out Abstractions.Buffers.BufferLease taken));
        Answer answer = await host.IoAsync(io, Commands.Compare(0, data));
        taken.Release();
        Assert.Equal(NvmeStatus.CommandInterrupted, answer.Status);
    }

    [Fact]
    public async Task Steps_stop_when_the_queue_ends()
    {
        await using var target = new TestTarget(options => options.ChunkSize = 4096);
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        HostRequest copy = host.Send(io, Commands.Copy(1000, (0, 64)));
        HostRequest flush = host.Send(io, Commands.Flush());
        await TestTimeouts.UntilAsync(() => backend.Held == 2, "the first step");
        io.Close(TeardownCause.HostClosed);
        backend.Release();
        await io.Closed;
        Assert.Equal(AnswerEnding.Dropped, (await copy.AnswerAsync()).Ending);
        Assert.Equal(AnswerEnding.Completed, (await flush.AnswerAsync()).Ending);
        Assert.Equal(2, backend.Submitted);
        Assert.DoesNotContain(backend.Log, request => request.Operation == BackendOperation.Write);
    }

    [Fact]
    public async Task Steps_stop_when_the_namespace_goes()
    {
        await using var target = new TestTarget(options => options.ChunkSize = 4096);
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        HostRequest copy = host.Send(io, Commands.Copy(1000, (0, 64)));
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the first step");
        Task<bool> removal = target.Subsystem.RemoveNamespaceAsync(1);
        backend.Release();
        Assert.Equal(NvmeStatus.InvalidNamespace.WithDoNotRetry(), (await copy.AnswerAsync()).Status);
        Assert.True(await removal.WaitAsync(TestTimeouts.Long));
        Assert.Equal(1, backend.Submitted);
    }

    private static async Task<(TestHost Host, FakeQueuePair Io)> ConnectAsync(TestTarget target)
    {
        TestHost host = await target.ConnectAsync();
        return (host, await host.ConnectIoAsync());
    }
}
