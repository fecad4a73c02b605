using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.QueuePairs;
using Nvmf.Transport.Rdma.Tests.Schedules;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.QueuePairs;

/// <summary>Hosts that send what NVMe/RDMA does not allow: a status where there is a command to give it to, otherwise the end of that queue pair alone.</summary>
public class HostileHostTests
{
    private const byte Write = 0x01, Read = 0x02;

    /// <summary>A bad SGL costs its command, nothing else; no byte moves.</summary>
    [Theory]
    [InlineData("offset past the capsule", Write)]
    [InlineData("length past the capsule", Write)]
    [InlineData("segment past the capsule", Read)]
    [InlineData("segment within no capsule", Write)]
    [InlineData("17 descriptors", Read)]
    [InlineData("lengths that overflow 24 bits", Read)]
    [InlineData("lengths that overflow 24 bits", Write)]
    [InlineData("a segment in the segment", Read)]
    [InlineData("no SGL", Read)]
    public async Task A_bad_descriptor_costs_its_command_alone(string fault, byte opcode)
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        (RawHost host, RdmaQueuePair queuePair, _) = await bench.ConnectAsync(configure: handler => handler.Command = handler.CompleteOne);
        using RawHost connected = host;
        SubmissionQueueEntry bad = Injure(host, fault, opcode, out byte[] capsuleData);
        host.Send(bad, capsuleData);
        CompletionQueueEntry completion = host.Receive();
        Assert.Equal((1, false), (completion.CommandId, completion.Status.IsSuccess));
        Assert.Equal(-1, host.Data.IndexOfAnyExcept((byte)0));
        host.Send(ScheduleRunner.Entry(Read, 2, host.Keyed(0, 512)));
        Assert.Equal((2, NvmeStatus.Success), Answer(host));
        Assert.Equal(QueuePairState.Live, queuePair.Lifecycle.State);
    }

    /// <summary>After a proper command in each receive, so that its slot holds one that could be taken for new.</summary>
    [Theory]
    [InlineData("immediate data", false)]
    [InlineData("immediate data", true)]
    [InlineData("write with immediate data", false)]
    [InlineData("write with immediate data", true)]
    [InlineData("too long", false)]
    [InlineData("too long", true)]
    [InlineData("0 bytes", false)]
    [InlineData("0 bytes", true)]
    public async Task A_message_that_is_no_capsule_ends_its_queue_pair_alone(string fault, bool shared)
    {
        await using TargetBench bench = await TargetBench.StartAsync(options =>
        {
            options.UseSharedReceiveQueue = shared;
            options.SharedReceiveQueueDepth = 16;
        });
        (RawHost host, RdmaQueuePair queuePair, ScriptedHandler handler) = await bench.ConnectAsync(configure: handler => handler.Command = handler.CompleteOne);
        (RawHost neighbour, RdmaQueuePair other, _) = await bench.ConnectAsync(configure: handler => handler.Command = handler.CompleteOne);
        using RawHost first = host, second = neighbour;
        for (ushort i = 0; i < 32; i++)
        {
            host.Send(ScheduleRunner.Entry(0, i));
            host.Receive();
        }

        byte[] capsule = new byte[SubmissionQueueEntry.Size];
        SubmissionQueueEntry entry = ScheduleRunner.Entry(0, 99);
        MemoryMarshal.Write(capsule, in entry);
        switch (fault)
        {
            case "immediate data": host.Send(capsule, opcode: VirtualQueuePair.SendWithImmediate); break;
            case "write with immediate data": host.Post(new SendWorkRequest { Opcode = VirtualQueuePair.RdmaWriteWithImmediate }); break;
            case "too long": host.Send(capsule, new byte[4097]); break;
            default: host.Send([]); break;
        }

        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience);
        Assert.Equal(fault == "too long" ? TeardownCause.ConnectionReset : TeardownCause.ProtocolError, report.Cause);
        Assert.Equal(32, handler.Arrived.Length);
        neighbour.Send(ScheduleRunner.Entry(0, 5));
        Assert.Equal((5, NvmeStatus.Success), Answer(neighbour));
        Assert.Equal(QueuePairState.Live, other.Lifecycle.State);
    }

    /// <summary>A host may not have two commands of one identifier; the target says so, the transport keeps them apart.</summary>
    [Fact]
    public async Task Commands_of_one_identifier_are_two()
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        (RawHost host, _, ScriptedHandler handler) = await bench.ConnectAsync();
        using RawHost connected = host;
        host.Send(ScheduleRunner.Entry(Read, 7, host.Keyed(0, 512)));
        host.Send(ScheduleRunner.Entry(Read, 7, host.Keyed(4096, 512)));
        await bench.EventuallyAsync(() => handler.Arrived.Length == 2, "The commands did not come.");
        await bench.OnLoopAsync(handler.CompleteAll);
        Assert.Equal((7, NvmeStatus.Success), Answer(host));
        Assert.Equal((7, NvmeStatus.Success), Answer(host));
        Assert.Equal((-1, -1), (host.Data[..512].IndexOfAnyExcept((byte)7), host.Data.Slice(4096, 512).IndexOfAnyExcept((byte)7)));
    }

    /// <summary>Even with the right key: no memory of the target is open to a host.</summary>
    [Fact]
    public async Task No_memory_of_the_target_can_be_reached()
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        (RawHost host, RdmaQueuePair queuePair, _) = await bench.ConnectAsync();
        using RawHost connected = host;
        Assert.True(bench.Pool.Pool.TryRent(4096, Abstractions.Buffers.BufferPriority.InputOutput, out Abstractions.Buffers.BufferLease lease));
        lease.Span.Fill(0x5A);
        Assert.True(queuePair.Connection.Device!.Local.TryGetRegion(lease, out AdapterMemoryRegion region));
        host.Post(new SendWorkRequest { Opcode = SendOpcode.RdmaWrite, RemoteAddress = Address(lease), RemoteKey = region.RemoteKey, First = host.Element(0, 4096) });
        Assert.False(host.TryPoll());
        Assert.Equal(WorkCompletionStatus.RemoteAccessError, host.Broken);
        Assert.Equal(-1, lease.Span.IndexOfAnyExcept((byte)0x5A));
        lease.Release();
    }

    private static unsafe ulong Address(Abstractions.Buffers.BufferLease lease) => (ulong)lease.Pointer;

    private static (ushort, NvmeStatus) Answer(RawHost host)
    {
        CompletionQueueEntry completion = host.Receive();
        return (completion.CommandId, completion.Status);
    }

    private static SubmissionQueueEntry Injure(RawHost host, string fault, byte opcode, out byte[] capsuleData)
    {
        capsuleData = new byte[512];
        SglDescriptor[] descriptors = fault switch
        {
            "17 descriptors" => [.. Enumerable.Repeat(host.Keyed(0, 16), 17)],
            "lengths that overflow 24 bits" => [host.Keyed(0, 0xFFFFFF), host.Keyed(0, 0xFFFFFF), host.Keyed(0, 3)],
            "a segment in the segment" => [host.Keyed(0, 16), new SglDescriptor { Identifier = SglDescriptor.LastSegmentOffset, Length = 16 }],
            _ => [],
        };
        if (descriptors.Length > 0)
        {
            capsuleData = MemoryMarshal.AsBytes<SglDescriptor>(descriptors).ToArray();
            return ScheduleRunner.Entry(opcode, 1, new SglDescriptor { Identifier = SglDescriptor.LastSegmentOffset, Length = (uint)capsuleData.Length });
        }

        SglDescriptor sgl = fault switch
        {
            "offset past the capsule" => new() { Identifier = SglDescriptor.DataBlockOffset, Address = 513, Length = 1 },
            "length past the capsule" => new() { Identifier = SglDescriptor.DataBlockOffset, Address = 1, Length = 512 },
            "segment past the capsule" => new() { Identifier = SglDescriptor.LastSegmentOffset, Address = 0xFFFF_FFFF_FFFF_FFF0, Length = 32 },
            "segment within no capsule" => new() { Identifier = SglDescriptor.LastSegmentOffset, Address = 0, Length = 1024 },
            _ => host.Keyed(0, 512),
        };
        SubmissionQueueEntry entry = ScheduleRunner.Entry(opcode, 1, sgl);
        entry.Flags = fault == "no SGL" ? (byte)0 : entry.Flags;
        return entry;
    }
}
