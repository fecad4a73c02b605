using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.InputOutput;

public class FusedTests
{
    private static readonly byte[] Zero = new byte[512];
    private static readonly byte[] Ones = [.. Enumerable.Repeat((byte)1, 512)];
    private static readonly byte[] Twos = [.. Enumerable.Repeat((byte)2, 512)];
    private static readonly NvmeStatus FailedFused = NvmeStatus.AbortedFailedFused;
    private static readonly NvmeStatus MissingFused = NvmeStatus.AbortedMissingFused;

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_block_is_written_if_it_holds_what_is_expected(bool compareInCapsule, bool writeInCapsule)
    {
        await using var target = new TestTarget();
        target.AddMemory();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        (HostRequest compare, HostRequest write) = Commands.Fused(7, Zero, Ones, compareInCapsule, writeInCapsule);
        Assert.Equal((NvmeStatus.Success, NvmeStatus.Success), await RunAsync(host, io, compare, write));
        Assert.True(compare.AnswerOrder < write.AnswerOrder);
        Assert.Equal(Ones, (await host.IoAsync(io, Commands.Read(7, 1))).Data);

        (compare, write) = Commands.Fused(7, Zero, Twos, compareInCapsule, writeInCapsule);
        Assert.Equal((NvmeStatus.CompareFailure.WithDoNotRetry(), FailedFused.WithDoNotRetry()), await RunAsync(host, io, compare, write));
        Assert.Equal(Ones, (await host.IoAsync(io, Commands.Read(7, 1))).Data);
    }

    [Fact]
    public async Task It_is_announced_for_one_block()
    {
        await using var target = new TestTarget();
        TestHost host = await target.ConnectAsync();
        var page = WireStructure.Read<IdentifyController>((await host.SucceedAsync(Commands.Identify(IdentifyCns.Controller))).Data);
        Assert.Equal((1, 0), (page.FusedOperations, page.AtomicCompareAndWriteUnit));
    }

    [Fact]
    public async Task A_write_whose_identifier_is_in_use_is_no_second_and_neither_is_the_next()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        (HostRequest compare, HostRequest write) = Commands.Fused(0, Zero, Ones);
        (_, HostRequest next) = Commands.Fused(0, Zero, Twos);
        compare.Entry.CommandId = write.Entry.CommandId = 1;
        next.Entry.CommandId = 2;
        io.Send(compare);
        io.Send(write);
        io.Send(next);
        Assert.Equal(MissingFused, (await compare.AnswerAsync()).Status);
        Assert.Equal(NvmeStatus.CommandIdConflict.WithDoNotRetry(), (await write.AnswerAsync()).Status);
        Assert.Equal(MissingFused, (await next.AnswerAsync()).Status);
        Assert.Equal(Zero, (await host.IoAsync(io, Commands.Read(0, 1))).Data);
    }

    [Fact]
    public async Task A_compare_does_not_wait_for_ever()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await target.ConnectAsync(keepAlive: 0);
        FakeQueuePair io = await host.ConnectIoAsync();
        (HostRequest lone, HostRequest second) = Commands.Fused(0, Zero, Ones);
        host.Send(io, lone);
        await target.Loop.SettleAsync();
        target.Advance(TimeSpan.FromSeconds(4));
        await target.Loop.SettleAsync();
        Assert.False(lone.IsAnswered);

        target.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(MissingFused, (await lone.AnswerAsync()).Status);
        Assert.Equal(MissingFused, (await host.IoAsync(io, second)).Status);

        // The time of one that is over is not counted for the next.
        (HostRequest compare, HostRequest write) = Commands.Fused(0, Zero, Ones);
        Assert.Equal((NvmeStatus.Success, NvmeStatus.Success), await RunAsync(host, io, compare, write));
        target.Advance(TimeSpan.FromSeconds(4));
        (lone, _) = Commands.Fused(0, Zero, Ones);
        host.Send(io, lone);
        await target.Loop.SettleAsync();
        target.Advance(TimeSpan.FromSeconds(4));
        await target.Loop.SettleAsync();
        Assert.False(lone.IsAnswered);
        target.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(MissingFused, (await lone.AnswerAsync()).Status);
    }

    [Fact]
    public async Task Half_a_pair_is_missing_the_other()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        (HostRequest lone, HostRequest second) = Commands.Fused(0, Zero, Ones);
        Assert.Equal(MissingFused, (await host.IoAsync(io, second)).Status);

        host.Send(io, lone);
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Read(0, 1))).Status);
        Assert.Equal(MissingFused, (await lone.AnswerAsync()).Status);

        (lone, _) = Commands.Fused(0, Zero, Ones);
        host.Send(io, lone);
        (HostRequest compare, HostRequest write) = Commands.Fused(0, Zero, Ones);
        Assert.Equal((NvmeStatus.Success, NvmeStatus.Success), await RunAsync(host, io, compare, write));
        Assert.Equal(MissingFused, (await lone.AnswerAsync()).Status);

        // The second came, but the transport found something wrong with it.
        (lone, second) = Commands.Fused(0, Ones, Twos);
        host.Send(io, lone);
        var broken = new HostRequest(second.Entry) { HostData = Twos, TransportStatus = NvmeStatus.TransientTransportError };
        Assert.Equal(NvmeStatus.TransientTransportError, (await host.IoAsync(io, broken)).Status);
        Assert.Equal(MissingFused, (await lone.AnswerAsync()).Status);
        Assert.Equal(Ones, (await host.IoAsync(io, Commands.Read(0, 1))).Data);
    }

    [Fact]
    public async Task What_is_no_pair_is_refused()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        target.AddMemory();
        target.Subsystem.AddNamespace(new NamespaceOptions { ReadOnly = true }, new MemoryBackend(1 << 20));
        target.Subsystem.AddNamespace(new NamespaceOptions(), new GatedBackend { FusesCompareAndWrite = false });
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        Assert.Equal(NvmeStatus.InvalidField, await StatusAsync((ref c, ref w) => c.StartingLba = 1));
        Assert.Equal(NvmeStatus.InvalidField, await StatusAsync((ref c, ref w) => c.NamespaceId = 2));
        Assert.Equal(NvmeStatus.InvalidField, await StatusAsync((ref c, ref w) => c.Blocks = 2));
        Assert.Equal(NvmeStatus.InvalidField, await StatusAsync((ref c, ref w) => w.Control = 1 << 4));
        Assert.Equal(NvmeStatus.InvalidField, await StatusAsync((ref c, ref w) => c.Control = 1 << 13));
        Assert.Equal(NvmeStatus.InvalidProtectionInformation, await StatusAsync((ref c, ref w) => w.Control = 1 << 13));
        Assert.Equal(NvmeStatus.AtomicWriteUnitExceeded, await StatusAsync((ref c, ref w) => c.Blocks = w.Blocks = 2));
        Assert.Equal(NvmeStatus.LbaOutOfRange, await StatusAsync((ref c, ref w) => c.StartingLba = w.StartingLba = ulong.MaxValue));
        Assert.Equal(NvmeStatus.InvalidNamespace, await StatusAsync((ref c, ref w) => c.NamespaceId = w.NamespaceId = 9));
        Assert.Equal(NvmeStatus.NamespaceWriteProtected, await StatusAsync((ref c, ref w) => c.NamespaceId = w.NamespaceId = 3));
        Assert.Equal(NvmeStatus.InvalidField, await StatusAsync((ref c, ref w) => c.NamespaceId = w.NamespaceId = 4));
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, await StatusAsync((ref c, ref w) => { }, writeLength: 1024));
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, await StatusAsync((ref c, ref w) => { }, compareLength: 1024));
        Assert.Equal(Zero, (await host.IoAsync(io, Commands.Read(0, 1))).Data);

        async Task<NvmeStatus> StatusAsync(Injury injure, int compareLength = 512, int writeLength = 512)
        {
            (HostRequest compare, HostRequest write) = Commands.Fused(0, new byte[compareLength], Ones.Concat(Ones).Take(writeLength).ToArray());
            injure(ref InputOutputCommand.Edit(ref compare.Entry), ref InputOutputCommand.Edit(ref write.Entry));
            (NvmeStatus first, NvmeStatus second) = await RunAsync(host, io, compare, write);
            Assert.Equal(FailedFused, first);
            return new NvmeStatus(second.CodeType, second.Code);
        }
    }

    [Theory]
    [InlineData(InputOutputOpcode.Write, 1)]
    [InlineData(InputOutputOpcode.Read, 1)]
    [InlineData(InputOutputOpcode.Compare, 2)]
    [InlineData(InputOutputOpcode.Read, 2)]
    [InlineData(InputOutputOpcode.Compare, 3)]
    [InlineData(InputOutputOpcode.Write, 3)]
    public async Task Other_commands_are_never_fused(InputOutputOpcode opcode, byte fuse)
    {
        await using var target = new TestTarget();
        target.AddMemory();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        HostRequest first = host.Send(io, Commands.Fused(0, Zero, Ones).Compare);
        var other = new HostRequest(Commands.InputOutput(opcode, 0, 1)) { HostData = opcode == InputOutputOpcode.Read ? null : Ones, DataLength = 512 };
        other.Entry.Flags |= fuse;
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), (await host.IoAsync(io, other)).Status);
        Assert.Equal(MissingFused, (await first.AnswerAsync()).Status);
        HostRequest identify = Commands.Identify(IdentifyCns.Controller);
        identify.Entry.Flags |= fuse;
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), (await host.AdminAsync(identify)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Data_that_does_not_arrive_whole_fails_both(bool ofCompare)
    {
        await using var target = new TestTarget();
        target.AddMemory();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        (HostRequest compare, HostRequest write) = Commands.Fused(0, Zero, Ones);
        NvmeStatus broken = NvmeStatus.TransientTransportError;
        compare = new HostRequest(compare.Entry) { HostData = Zero, TransferStatus = ofCompare ? broken : default };
        write = new HostRequest(write.Entry) { HostData = Ones, TransferStatus = ofCompare ? default : broken };
        Assert.Equal(ofCompare ? (broken, FailedFused) : (FailedFused, broken), await RunAsync(host, io, compare, write));
        Assert.Equal(Zero, (await host.IoAsync(io, Commands.Read(0, 1))).Data);
    }

    [Fact]
    public async Task The_back_ends_error_is_the_Writes_and_FUA_reaches_it()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Error = NvmeStatus.WriteFault };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        (HostRequest compare, HostRequest write) = Commands.Fused(0, Zero, Ones);
        InputOutputCommand.Edit(ref write.Entry).ForceUnitAccess = true;
        Assert.Equal((FailedFused, NvmeStatus.WriteFault), await RunAsync(host, io, compare, write));
        Assert.Equal([(BackendOperation.CompareAndWrite, true, false)], backend.Log);
    }

    [Fact]
    public async Task A_namespace_may_go_while_the_data_is_on_its_way()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        (HostRequest compare, HostRequest write) = Commands.Fused(0, Zero, Ones, writeInCapsule: false, withholdWrite: true);
        host.Send(io, compare);
        host.Send(io, write);
        await target.Loop.SettleAsync();
        Assert.True(await target.Subsystem.RemoveNamespaceAsync(1));
        io.DeliverData(write);
        Assert.Equal(FailedFused, (await compare.AnswerAsync()).Status);
        Assert.Equal(NvmeStatus.InvalidNamespace.WithDoNotRetry(), (await write.AnswerAsync()).Status);
    }

    [Fact]
    public async Task Queues_on_several_loops_count_together()
    {
        const int Steps = 100;
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = await target.ConnectAsync(keepAlive: 0);
        var counting = new List<Task>();
        for (ushort id = 1; id <= 3; id++)
        {
            FakeQueuePair io = await host.ConnectIoAsync(id, loop: target.AddLoop());
            bool inCapsule = id == 1;
            counting.Add(Task.Run(() => CountAsync(io, inCapsule)));
        }

        await Task.WhenAll(counting);
        FakeQueuePair last = await host.ConnectIoAsync(4);
        Assert.Equal(3 * Steps, BitConverter.ToInt32((await host.IoAsync(last, Commands.Read(5, 1))).Data));

        async Task CountAsync(FakeQueuePair io, bool inCapsule)
        {
            for (int done = 0; done < Steps;)
            {
                byte[] seen = (await host.IoAsync(io, Commands.Read(5, 1))).Data;
                byte[] next = [.. seen];
                BitConverter.TryWriteBytes(next, BitConverter.ToInt32(seen) + 1);
                (HostRequest compare, HostRequest write) = Commands.Fused(5, seen, next, inCapsule, inCapsule);
                (NvmeStatus first, NvmeStatus second) = await RunAsync(host, io, compare, write);
                Assert.Equal(first.IsSuccess, second.IsSuccess);
                done += first.IsSuccess ? 1 : 0;
            }
        }
    }

    private static async Task<(NvmeStatus Compare, NvmeStatus Write)> RunAsync(TestHost host, FakeQueuePair io, HostRequest compare, HostRequest write)
    {
        host.Send(io, compare);
        host.Send(io, write);
        return ((await compare.AnswerAsync()).Status, (await write.AnswerAsync()).Status);
    }

    private static async Task<(TestHost Host, FakeQueuePair Io)> ConnectAsync(TestTarget target)
    {
        TestHost host = await target.ConnectAsync();
        return (host, await host.ConnectIoAsync());
    }

    private delegate void Injury(ref InputOutputCommand compare, ref InputOutputCommand write);
}
