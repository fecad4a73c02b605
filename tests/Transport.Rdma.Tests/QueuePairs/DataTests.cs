using System.Runtime.InteropServices;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.QueuePairs;
using Nvmf.Transport.Rdma.Tests.Schedules;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.QueuePairs;

/// <summary>Data of commands, both ways.</summary>
public class DataTests
{
    private const byte Write = 0x01, Read = 0x02;

    [Theory]
    [InlineData(0, 4096)]
    [InlineData(48, 512)]
    public async Task In_capsule_data_is_found_at_its_offset(int offset, int length)
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        byte[]? seen = null;
        (RawHost host, _, _) = await bench.ConnectAsync(configure: handler => handler.Command = command =>
        {
            seen = command.InCapsuleData.Span.ToArray();
            handler.CompleteOne(command);
        });
        byte[] data = new byte[offset + length];
        new Random(1).NextBytes(data);
        var sgl = new SglDescriptor { Identifier = SglDescriptor.DataBlockOffset, Address = (ulong)offset, Length = (uint)length };
        host.Send(ScheduleRunner.Entry(Write, 5, sgl), data);
        CompletionQueueEntry completion = host.Receive();
        Assert.Equal((5, NvmeStatus.Success), (completion.CommandId, completion.Status));
        Assert.Equal(data[offset..], seen);
        host.Dispose();
    }

    [Fact]
    public async Task In_capsule_data_that_is_kept_is_not_received_into()
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        var kept = new List<Abstractions.Buffers.BufferLease>();
        (RawHost host, _, _) = await bench.ConnectAsync(size: 2, configure: handler => handler.Command = command =>
        {
            kept.Add(command.InCapsuleData.Retain());
            handler.CompleteOne(command);
        });
        for (byte i = 1; i <= 20; i++)
        {
            byte[] data = new byte[512];
            Array.Fill(data, i);
            host.Send(ScheduleRunner.Entry(Write, i, new SglDescriptor { Identifier = SglDescriptor.DataBlockOffset, Length = 512 }), data);
            host.Receive();
        }

        for (int i = 0; i < kept.Count; i++)
        {
            Assert.Equal(-1, kept[i].Span.IndexOfAnyExcept((byte)(i + 1)));
            kept[i].Release();
        }

        host.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reads_of_the_host_are_written_by_several_descriptors(bool invalidate)
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        (RawHost host, _, _) = await bench.ConnectAsync(configure: handler => handler.Command = handler.CompleteOne);
        SglDescriptor[] descriptors = [host.Keyed(0, 100), host.Keyed(1000, 0), host.Keyed(5000, 4096), host.Keyed(20000, 1, invalidate)];
        var segment = new SglDescriptor { Identifier = SglDescriptor.LastSegmentOffset, Length = (uint)descriptors.Length * 16 };
        host.Send(ScheduleRunner.Entry(Read, 9, segment), MemoryMarshal.AsBytes<SglDescriptor>(descriptors));
        Assert.Equal(NvmeStatus.Success, host.Receive().Status);
        byte[] expected = new byte[30000];
        Array.Fill<byte>(expected, 9, 0, 100);
        Array.Fill<byte>(expected, 9, 5000, 4096);
        Array.Fill<byte>(expected, 9, 20000, 1);
        Assert.Equal(expected, host.Data[..30000].ToArray());
        Assert.Equal(invalidate, host.DataRegion.IsInvalidated);
        host.Dispose();
    }

    [Fact]
    public async Task A_device_that_cannot_invalidate_does_not()
    {
        await using TargetBench bench = await TargetBench.StartAsync(limits: VirtualDevice.DefaultLimits with { SendWithInvalidate = false });
        (RawHost host, _, _) = await bench.ConnectAsync(configure: handler => handler.Command = handler.CompleteOne);
        host.Send(ScheduleRunner.Entry(Read, 9, host.Keyed(0, 512, invalidate: true)));
        Assert.Equal(NvmeStatus.Success, host.Receive().Status);
        Assert.False(host.DataRegion.IsInvalidated);
        host.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Writes_of_the_host_are_fetched_within_the_read_depth(int reads)
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        byte[][] seen = new byte[8][];
        (RawHost host, _, _) = await bench.ConnectAsync(reads: reads, configure: handler =>
        {
            handler.Command = handler.Fetch;
            handler.DataReceived = (command, _) => seen[command.Entry.CommandId] = ((Abstractions.Buffers.BufferLease)command.HandlerState!).Span.ToArray();
        });
        new Random(2).NextBytes(host.Data[..65536]);
        bench.Fabric.HoldCompletions = true;
        for (ushort i = 0; i < 8; i++)
        {
            SglDescriptor[] descriptors = [host.Keyed(i * 4096, 1000), host.Keyed((i * 4096) + 1000, 3000), host.Keyed(0, 0), host.Keyed((i * 4096) + 4000, 96)];
            var segment = new SglDescriptor { Identifier = SglDescriptor.LastSegmentOffset, Length = 64 };
            host.Send(ScheduleRunner.Entry(Write, i, segment), MemoryMarshal.AsBytes<SglDescriptor>(descriptors));
        }

        // A device that is slow to complete: more reads than agreed to would be a violation.
        await bench.EventuallyAsync(
            () =>
            {
                bench.Fabric.DeliverCompletions();
                return seen.All(static data => data is not null);
            },
            "Not all data was fetched.");
        bench.Fabric.DeliverAll();
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(host.Data.Slice(i * 4096, 4096).ToArray(), seen[i]);
        }

        host.Dispose();
    }

    [Fact]
    public async Task Responses_wait_for_room_in_the_send_queue()
    {
        // 2 * 8 + 17 requests wanted, 18 had: one chain of 17 fits at a time.
        await using TargetBench bench = await TargetBench.StartAsync(limits: VirtualDevice.DefaultLimits with { MaxQueuePairWorkRequests = 18 });
        (RawHost host, _, _) = await bench.ConnectAsync(configure: handler => handler.Command = handler.CompleteOne);
        bench.Fabric.HoldCompletions = true;
        for (ushort i = 0; i < 8; i++)
        {
            SglDescriptor[] descriptors = [.. Enumerable.Range(0, 16).Select(part => host.Keyed((i * 4096) + (part * 256), 256))];
            var segment = new SglDescriptor { Identifier = SglDescriptor.LastSegmentOffset, Length = 256 };
            host.Send(ScheduleRunner.Entry(Read, (ushort)(i + 1), segment), MemoryMarshal.AsBytes<SglDescriptor>(descriptors));
        }

        int received = 0;
        await bench.EventuallyAsync(
            () =>
            {
                bench.Fabric.DeliverCompletions();
                while (host.TryPoll())
                {
                    Assert.Equal(NvmeStatus.Success, host.Receive().Status);
                    received++;
                }

                return received == 8;
            },
            "Not all responses came.");
        bench.Fabric.DeliverAll();
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(-1, host.Data.Slice(i * 4096, 4096).IndexOfAnyExcept((byte)(i + 1)));
        }

        host.Dispose();
    }

    [Fact]
    public async Task A_short_read_ends_before_its_descriptors_do()
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        (RawHost host, _, _) = await bench.ConnectAsync(configure: handler => handler.Command = command =>
        {
            Assert.True(bench.Pool.Pool.TryRent(10, Abstractions.Buffers.BufferPriority.InputOutput, out var data));
            data.Span.Fill(3);
            command.CompleteWithData(ScriptedHandler.Completion(command), data);
        });
        host.Send(ScheduleRunner.Entry(Read, 1, host.Keyed(0, 512)));
        host.Receive();
        Assert.Equal([.. Enumerable.Repeat((byte)3, 10), 0, 0], host.Data[..12].ToArray());
        host.Dispose();
    }

    [Theory]
    [InlineData(Write)]
    [InlineData(Read)]
    public async Task A_wrong_key_ends_the_queue_pair_and_nothing_else(byte opcode)
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        (RawHost host, RdmaQueuePair queuePair, _) = await bench.ConnectAsync(configure: handler => handler.Command = command =>
        {
            if (opcode == Write)
            {
                handler.Fetch(command);
            }
            else
            {
                handler.CompleteOne(command);
            }
        });
        SglDescriptor wrong = host.Keyed(0, 512);
        wrong.Key ^= 0x40;
        host.Send(ScheduleRunner.Entry(opcode, 1, wrong));
        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience);
        Assert.Equal(TeardownCause.ConnectionReset, report.Cause);
        Assert.Contains(nameof(WorkCompletionStatus.RemoteAccessError), report.Error!.Message, StringComparison.Ordinal);
        host.Dispose();
    }

    [Fact]
    public async Task A_capsule_too_short_breaks_the_protocol()
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        (RawHost host, RdmaQueuePair queuePair, _) = await bench.ConnectAsync();
        host.Send(new byte[63]);
        Assert.Equal(TeardownCause.ProtocolError, (await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience)).Cause);
        host.Dispose();
    }

    [Fact]
    public async Task More_commands_than_the_queue_has_entries_break_the_protocol()
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        (RawHost host, RdmaQueuePair queuePair, ScriptedHandler handler) = await bench.ConnectAsync(size: 4);
        for (ushort i = 0; i < 5; i++)
        {
            host.Send(ScheduleRunner.Entry(0, i));
        }

        Assert.Equal(TeardownCause.ProtocolError, (await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience)).Cause);
        Assert.Equal([0, 1, 2, 3], handler.Arrived);
        host.Dispose();
    }

    [Fact]
    public async Task A_bad_descriptor_gets_a_status()
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        (RawHost host, _, _) = await bench.ConnectAsync();
        host.Send(ScheduleRunner.Entry(Read, 3, new SglDescriptor { Identifier = SglDescriptor.TransportDataBlock, Length = 512 }));
        Assert.Equal(NvmeStatus.SglDescriptorTypeInvalid.WithDoNotRetry(), host.Receive().Status);
        host.Dispose();
    }

    [Fact]
    public async Task Misuse_of_a_command_throws()
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        QueuePairCommand? seen = null;
        (RawHost host, _, ScriptedHandler handler) = await bench.ConnectAsync(configure: handler => handler.Command = command =>
        {
            seen = command;
            handler.Hold(command);
        });
        host.Send(ScheduleRunner.Entry(0, 3));
        await bench.EventuallyAsync(() => Volatile.Read(ref seen) != null, "The command did not come.");
        Assert.Throws<InvalidOperationException>(() => seen!.Drop());
        await bench.OnLoopAsync(() => Assert.Throws<InvalidOperationException>(() => seen!.Complete(new CompletionQueueEntry { CommandId = 4 })));
        await bench.OnLoopAsync(() => Assert.Throws<InvalidOperationException>(() => seen!.ReceiveData(default)));
        await bench.OnLoopAsync(handler.CompleteAll);
        await bench.OnLoopAsync(() => Assert.Throws<InvalidOperationException>(() => seen!.Complete(new CompletionQueueEntry { CommandId = 3 })));
        host.Receive();
        host.Dispose();
    }
}
