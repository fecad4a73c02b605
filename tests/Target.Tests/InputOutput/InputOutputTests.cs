using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.InputOutput;

public class InputOutputTests
{
    private const int Blocks = 8192;

    public static TheoryData<InputOutputOpcode, ulong, uint> RangesBeyondTheEnd { get; } = new()
    {
        { InputOutputOpcode.Read, Blocks, 1 },
        { InputOutputOpcode.Read, Blocks - 1, 2 },
        { InputOutputOpcode.Read, ulong.MaxValue, 1 },
        { InputOutputOpcode.Read, ulong.MaxValue - 3, 8 },
        { InputOutputOpcode.Write, Blocks - 7, 8 },
        { InputOutputOpcode.Write, ulong.MaxValue, 2 },
        { InputOutputOpcode.Compare, Blocks, 1 },
        { InputOutputOpcode.WriteZeroes, Blocks - 1, 65536 },
        { InputOutputOpcode.WriteZeroes, 0, 8193 },
        { InputOutputOpcode.Verify, ulong.MaxValue, 65536 },
    };

    [Theory]
    [MemberData(nameof(RangesBeyondTheEnd))]
    public async Task Ranges_end_with_the_namespace(InputOutputOpcode opcode, ulong start, uint blocks)
    {
        await using var target = new TestTarget();
        target.AddMemory();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        bool data = opcode is InputOutputOpcode.Read or InputOutputOpcode.Write or InputOutputOpcode.Compare;
        var request = new HostRequest(Commands.InputOutput(opcode, start, blocks))
        {
            HostData = data && opcode != InputOutputOpcode.Read ? new byte[blocks * 512] : null,
            DataLength = data ? blocks * 512 : 0,
        };
        Assert.Equal(NvmeStatus.LbaOutOfRange.WithDoNotRetry(), (await host.IoAsync(io, request)).Status);
    }

    [Theory]
    [InlineData(512, 1u)]
    [InlineData(512, 2048u)]
    [InlineData(4096, 1u)]
    [InlineData(4096, 256u)]
    public async Task What_was_written_is_read_and_compared(int blockSize, uint blocks)
    {
        await using var target = new TestTarget();
        target.AddMemory(4 << 20, blockSize);
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        byte[] data = new byte[blocks * (uint)blockSize];
        new Random(7).NextBytes(data);
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Write(3, data, blockSize))).Status);
        Assert.Equal(data, (await host.IoAsync(io, Commands.Read(3, blocks, blockSize))).Data);
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Compare(3, data, blockSize))).Status);
        data[^1] ^= 1;
        Assert.Equal(NvmeStatus.CompareFailure.WithDoNotRetry(), (await host.IoAsync(io, Commands.Compare(3, data, blockSize))).Status);
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, new HostRequest(Commands.InputOutput(InputOutputOpcode.Verify, 3, blocks)))).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task In_capsule_data_serves_every_command_that_takes_data(bool slow)
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Hold = slow };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        byte[] data = [.. Enumerable.Range(0, 1024).Select(i => (byte)i)];
        Assert.Equal(NvmeStatus.Success, (await RunAsync(Commands.Write(10, data, inCapsule: true))).Status);
        Assert.Equal(NvmeStatus.Success, (await RunAsync(Commands.Compare(10, data, inCapsule: true))).Status);
        Assert.Equal(NvmeStatus.Success, (await RunAsync(Commands.Copy(20, (10, 2)))).Status);
        Assert.Equal(data, (await RunAsync(Commands.Read(20, 2))).Data);
        Assert.Equal(NvmeStatus.Success, (await RunAsync(Commands.DatasetManagement((10, 1), (0, 0), (20, 1)))).Status);
        Assert.Equal(new byte[512], (await RunAsync(Commands.Read(20, 1))).Data);
        Assert.Equal(data[512..], (await RunAsync(Commands.Read(21, 1))).Data);

        async Task<Answer> RunAsync(HostRequest request)
        {
            host.Send(io, request);
            await TestTimeouts.UntilAsync(
                () =>
                {
                    backend.Release();
                    return request.IsAnswered;
                },
                "the answer");
            return await request.AnswerAsync();
        }
    }

    [Fact]
    public async Task Lengths_must_agree()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        HostRequest[] wrong =
        [
            new(Commands.InputOutput(InputOutputOpcode.Read, 0, 2)) { DataLength = 512 },
            new(Commands.InputOutput(InputOutputOpcode.Read, 0, 2)) { DataLength = 1536 },
            new(Commands.InputOutput(InputOutputOpcode.Read, 0, 2)),
            new(Commands.InputOutput(InputOutputOpcode.Write, 0, 2)) { HostData = new byte[512], InCapsule = true },
            new(Commands.InputOutput(InputOutputOpcode.Write, 0, 1)) { HostData = new byte[1024] },
            new(Commands.InputOutput(InputOutputOpcode.Compare, 0, 1)),
            new(Commands.InputOutput(InputOutputOpcode.Flush, 0, 1)) { DataLength = 512 },
            new(Commands.InputOutput(InputOutputOpcode.WriteZeroes, 0, 1)) { DataLength = 512 },
            new(Commands.InputOutput(InputOutputOpcode.Verify, 0, 1)) { DataLength = 512 },
        ];
        foreach (HostRequest request in wrong)
        {
            Assert.Equal(NvmeStatus.DataSglLengthInvalid.WithDoNotRetry(), (await host.IoAsync(io, request)).Status);
        }

        // More than MDTS: 1 MiB is the most.
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), (await host.IoAsync(io, Commands.Read(0, 2049))).Status);
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), (await host.IoAsync(io, Commands.Write(0, new byte[2049 * 512]))).Status);
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Read(0, 2048))).Status);
    }

    [Theory]
    [InlineData(0x00)] // PRP
    [InlineData(0x80)] // MPTR is an SGL
    [InlineData(0xC0)]
    [InlineData(0x41)] // fused
    [InlineData(0x42)]
    public async Task Only_plain_SGL_commands_are_taken(byte flags)
    {
        await using var target = new TestTarget();
        target.AddMemory();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        HostRequest read = Commands.Read(0, 1);
        read.Entry.Flags = flags;
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), (await host.IoAsync(io, read)).Status);
        HostRequest identify = Commands.Identify(IdentifyCns.Controller);
        identify.Entry.Flags = flags;
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), (await host.AdminAsync(identify)).Status);
    }

    [Fact]
    public async Task Protection_information_and_directives_are_refused()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        for (int bit = 10; bit <= 13; bit++)
        {
            HostRequest read = Commands.Read(0, 1);
            InputOutputCommand.Edit(ref read.Entry).Control = (ushort)(1 << bit);
            Assert.Equal(NvmeStatus.InvalidProtectionInformation.WithDoNotRetry(), (await host.IoAsync(io, read)).Status);
        }

        HostRequest write = Commands.Write(0, new byte[512]);
        InputOutputCommand.Edit(ref write.Entry).Control = 0x0010;
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), (await host.IoAsync(io, write)).Status);
    }

    [Fact]
    public async Task Unknown_opcodes_are_invalid()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        InputOutputOpcode[] known =
        [
            InputOutputOpcode.Flush, InputOutputOpcode.Write, InputOutputOpcode.Read, InputOutputOpcode.Compare, InputOutputOpcode.WriteZeroes,
            InputOutputOpcode.DatasetManagement, InputOutputOpcode.Verify, InputOutputOpcode.Copy, InputOutputOpcode.Fabrics,
            InputOutputOpcode.ReservationRegister, InputOutputOpcode.ReservationReport, InputOutputOpcode.ReservationAcquire, InputOutputOpcode.ReservationRelease,
        ];
        for (int opcode = 0; opcode < 256; opcode++)
        {
            if (!known.Contains((InputOutputOpcode)opcode))
            {
                Assert.Equal(NvmeStatus.InvalidOpcode.WithDoNotRetry(), (await host.IoAsync(io, new HostRequest(Commands.InputOutput((InputOutputOpcode)opcode, 0, 1)))).Status);
            }
        }

        Answer property = await host.IoAsync(io, new HostRequest(Commands.PropertyGet(PropertyOffset.Status)));
        Assert.Equal(NvmeStatus.InvalidOpcode.WithDoNotRetry(), property.Status);
    }

    [Fact]
    public async Task What_the_transport_finds_wrong_is_told()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        HostRequest read = Commands.Read(0, 1);
        var bad = new HostRequest(read.Entry) { DataLength = 512, TransportStatus = NvmeStatus.SglDescriptorTypeInvalid };
        Assert.Equal(NvmeStatus.SglDescriptorTypeInvalid, (await host.IoAsync(io, bad)).Status);
        var digest = new HostRequest(Commands.Write(0, new byte[512]).Entry) { HostData = new byte[512], TransferStatus = NvmeStatus.TransientTransportError };
        Assert.Equal(NvmeStatus.TransientTransportError, (await host.IoAsync(io, digest)).Status);
        var inCapsuleRead = new HostRequest(read.Entry) { HostData = new byte[512], InCapsule = true };
        Assert.Equal(NvmeStatus.SglDescriptorTypeInvalid.WithDoNotRetry(), (await host.IoAsync(io, inCapsuleRead)).Status);
    }

    [Fact]
    public async Task A_command_identifier_is_used_once_at_a_time()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Hold = true };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        HostRequest first = host.Send(io, Commands.Read(0, 1));
        HostRequest second = Commands.Read(1, 1);
        second.Entry.CommandId = first.Entry.CommandId;
        Assert.Equal(NvmeStatus.CommandIdConflict.WithDoNotRetry(), (await io.Send(second).AnswerAsync()).Status);
        HostRequest third = Commands.Read(1, 1);
        third.Entry.CommandId = first.Entry.CommandId;
        Assert.Equal(NvmeStatus.CommandIdConflict.WithDoNotRetry(), (await io.Send(third).AnswerAsync()).Status);
        backend.Release();
        Assert.Equal(NvmeStatus.Success, (await first.AnswerAsync()).Status);
        backend.Hold = false;
        HostRequest fourth = Commands.Read(1, 1);
        fourth.Entry.CommandId = first.Entry.CommandId;
        Assert.Equal(NvmeStatus.Success, (await io.Send(fourth).AnswerAsync()).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Errors_of_the_back_end_are_told_as_they_are(bool slow)
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Error = NvmeStatus.UnrecoveredReadError, Hold = slow };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        HostRequest[] requests =
        [
            Commands.Read(0, 1), Commands.Write(0, new byte[512]), Commands.Flush(), Commands.Flush(0xFFFF_FFFF), Commands.Compare(0, new byte[512]),
            Commands.DatasetManagement((0, 1)), Commands.Copy(5, (0, 1)), new(Commands.InputOutput(InputOutputOpcode.Verify, 0, 1)),
            new(Commands.InputOutput(InputOutputOpcode.WriteZeroes, 0, 1)),
        ];
        foreach (HostRequest request in requests)
        {
            host.Send(io, request);
        }

        await TestTimeouts.UntilAsync(() => backend.Submitted == requests.Length, "all submitted");
        backend.Release();
        foreach (HostRequest request in requests)
        {
            Assert.Equal(NvmeStatus.UnrecoveredReadError, (await request.AnswerAsync()).Status);
        }
    }

    [Fact]
    public async Task A_back_end_that_throws_fails_the_command_only()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend { Exception = new InvalidOperationException("broken") };
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        Assert.Equal(NvmeStatus.InternalError, (await host.IoAsync(io, Commands.Read(0, 1))).Status);
        Assert.Equal(NvmeStatus.InternalError, (await host.IoAsync(io, Commands.Write(0, new byte[512]))).Status);
        backend.Exception = null;
        Assert.Equal(NvmeStatus.Success, (await host.IoAsync(io, Commands.Read(0, 1))).Status);
    }

    [Fact]
    public async Task Flush_reaches_one_namespace_or_all()
    {
        await using var target = new TestTarget();
        GatedBackend[] backends = [new(), new() { Hold = true }, new()];
        foreach (GatedBackend backend in backends)
        {
            target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        }

        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        await host.IoAsync(io, Commands.Flush(3));
        Assert.Equal([0, 0, 1], backends.Select(backend => backend.Submitted));
        HostRequest all = host.Send(io, Commands.Flush(0xFFFF_FFFF));
        await TestTimeouts.UntilAsync(() => backends[1].Held == 1, "the second flush");
        Assert.Equal([1, 1, 1], backends.Select(backend => backend.Submitted));
        backends[1].Release();
        Assert.Equal(NvmeStatus.Success, (await all.AnswerAsync()).Status);
        Assert.Equal([1, 1, 2], backends.Select(backend => backend.Submitted));
        Assert.Equal(NvmeStatus.InvalidNamespace.WithDoNotRetry(), (await host.IoAsync(io, Commands.Flush(4))).Status);
        Assert.Equal(NvmeStatus.InvalidNamespace.WithDoNotRetry(), (await host.IoAsync(io, Commands.Flush(0))).Status);
    }

    [Fact]
    public async Task Attributes_reach_the_back_end_and_do_not_stick()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend();
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        (TestHost host, FakeQueuePair io) = await ConnectAsync(target);
        HostRequest write = Commands.Write(0, new byte[512]);
        InputOutputCommand.Edit(ref write.Entry).ForceUnitAccess = true;
        await host.IoAsync(io, write);
        var zeroes = new HostRequest(Commands.InputOutput(InputOutputOpcode.WriteZeroes, 0, 4));
        InputOutputCommand.Edit(ref zeroes.Entry).Deallocate = true;
        await host.IoAsync(io, zeroes);
        await host.IoAsync(io, Commands.Write(0, new byte[512]));
        Assert.Equal(
            [(BackendOperation.Write, true, false), (BackendOperation.WriteZeroes, false, true), (BackendOperation.Write, false, false)],
            backend.Log);
    }

    private static async Task<(TestHost Host, FakeQueuePair Io)> ConnectAsync(TestTarget target)
    {
        TestHost host = await target.ConnectAsync();
        return (host, await host.ConnectIoAsync());
    }
}
