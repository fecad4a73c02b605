using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.HostQueuePairs;

/// <summary>Controllers whose messages are not what NVMe/RDMA allows: one clear error for every command, no memory out of turn, the queue pair gone.</summary>
public class ResponseTests
{
    [Theory]
    [InlineData("0 bytes")]
    [InlineData("15 bytes")]
    [InlineData("17 bytes")]
    [InlineData("4096 bytes")]
    [InlineData("unknown command")]
    [InlineData("old generation")]
    [InlineData("slot beyond the queue")]
    [InlineData("immediate data")]
    [InlineData("write with immediate data")]
    [InlineData("write of 16 bytes with immediate data")]
    [InlineData("invalidation of our key")]
    public async Task A_message_that_is_no_response_ends_the_queue_pair(string fault)
    {
        await using var bench = new HostBench();
        HostQueuePair queuePair = await bench.ConnectAsync();
        ProbeCommand first = bench.Command(HostBench.Read), second = bench.Command(HostBench.Write);
        Assert.True(await first.SubmitAsync(queuePair));
        SubmissionQueueEntry entry = bench.Controller.Receive();
        bench.Controller.Respond(entry.CommandId);
        Assert.Equal(entry.CommandId, (await first.Completed).CommandId);
        Assert.False(await first.Ended);
        Assert.True(await second.SubmitAsync(queuePair));
        SubmissionQueueEntry outstanding = bench.Controller.Receive();
        string words = Injure(bench.Controller, fault, entry, outstanding);

        var error = await Assert.ThrowsAnyAsync<Exception>(() => second.Completed);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(HostBench.Patience);
        Assert.Equal(words.StartsWith("status", StringComparison.Ordinal) ? TeardownCause.ConnectionReset : TeardownCause.ProtocolError, report.Cause);
        Assert.Equal(0, report.QuarantinedBytes);
        Assert.False(await second.Ended);
        Assert.False(await bench.Command(HostBench.Read).SubmitAsync(queuePair));
    }

    [Fact]
    public async Task A_second_response_ends_the_queue_pair_and_completes_nothing_twice()
    {
        await using var bench = new HostBench();
        HostQueuePair queuePair = await bench.ConnectAsync();
        ProbeCommand answered = bench.Command(HostBench.Read), other = bench.Command(HostBench.Read);
        Assert.True(await answered.SubmitAsync(queuePair));
        Assert.True(await other.SubmitAsync(queuePair));
        SubmissionQueueEntry entry = bench.Controller.Receive();
        bench.Controller.Respond(entry.CommandId);
        bench.Controller.Respond(entry.CommandId);
        Assert.Equal(entry.CommandId, (await answered.Completed).CommandId);
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => other.Completed);
        Assert.Equal(TeardownCause.ProtocolError, (await queuePair.Lifecycle.Completion.WaitAsync(HostBench.Patience)).Cause);
        Assert.False(await other.Ended);
    }

    /// <summary>The send queue is full, so the command waits in the host: no controller can have an answer to it.</summary>
    [Fact]
    public async Task A_response_to_a_command_not_sent_yet_ends_the_queue_pair()
    {
        await using var bench = new HostBench();
        Task<HostQueuePair> connecting = bench.BeginConnectAsync();
        bench.Controller.ExpectRequest();
        bench.Controller.Accept([0, 0, 1, 0]);
        HostQueuePair queuePair = await connecting.WaitAsync(HostBench.Patience);
        ProbeCommand sent = bench.Command(HostBench.Read), waiting = bench.Command(HostBench.Read);
        Assert.True(await sent.SubmitAsync(queuePair));
        Assert.True(await waiting.SubmitAsync(queuePair));
        bench.Controller.Receive();
        bench.Controller.Respond(waiting.Entry.CommandId);
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => sent.Completed);
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => waiting.Completed);
        Assert.False(await waiting.Ended);
        Assert.False(bench.Controller.TryPoll());
    }

    [Fact]
    public async Task No_more_capsules_are_sent_than_the_controller_has_receives()
    {
        await using var bench = new HostBench();
        Task<HostQueuePair> connecting = bench.BeginConnectAsync(queueSize: 8);
        bench.Controller.ExpectRequest();
        bench.Controller.Accept([0, 0, 3, 0]);
        HostQueuePair queuePair = await connecting.WaitAsync(HostBench.Patience);
        ProbeCommand[] commands = [.. Enumerable.Range(0, 8).Select(_ => bench.Command(HostBench.Read))];
        foreach (ProbeCommand command in commands)
        {
            Assert.True(await command.SubmitAsync(queuePair));
        }

        var arrived = new Queue<ushort>();
        for (int i = 0; i < 8; i++)
        {
            await bench.SettleAsync();
            while (bench.Controller.TryPoll())
            {
                arrived.Enqueue(bench.Controller.Receive().CommandId);
            }

            Assert.Equal(Math.Min(3, 8 - i), arrived.Count);
            bench.Controller.Respond(arrived.Dequeue());
            await commands[i].Completed;
        }

        await HostBench.CloseAsync(queuePair);
    }

    /// <summary>Every status goes to the command; none breaks anything.</summary>
    [Theory]
    [InlineData(0x0002)]
    [InlineData(0x7FFF)]
    [InlineData(0x3FFF)]
    public async Task Any_status_is_the_commands(ushort raw)
    {
        await using var bench = new HostBench();
        HostQueuePair queuePair = await bench.ConnectAsync();
        ProbeCommand command = bench.Command(HostBench.Read);
        Assert.True(await command.SubmitAsync(queuePair));
        byte[] response = RawController.Response(bench.Controller.Receive().CommandId);
        response.AsSpan(0, 12).Fill(0xFF);
        MemoryMarshal.Write(response.AsSpan(14), (ushort)(raw << 1));
        bench.Controller.Send(response);
        Assert.False((await command.Completed).Status.IsSuccess);
        Assert.False(await command.Ended);
        Assert.Equal(QueuePairState.Live, queuePair.Lifecycle.State);
        await HostBench.CloseAsync(queuePair);
    }

    private static string Injure(RawController controller, string fault, in SubmissionQueueEntry answered, in SubmissionQueueEntry outstanding)
    {
        byte[] response = RawController.Response(outstanding.CommandId);
        switch (fault)
        {
            case "0 bytes":
                controller.Send([]);
                return "a response of 0 bytes";
            case "15 bytes":
                controller.Send(response.AsSpan(0, 15));
                return "a response of 15 bytes";
            case "17 bytes":
                controller.Send(response, new byte[1]);
                return "status LocalLengthError";
            case "4096 bytes":
                controller.Send(response, new byte[4080]);
                return "status LocalLengthError";
            case "unknown command":
                controller.Respond((ushort)(outstanding.CommandId ^ 5));
                return "not outstanding";
            case "old generation":
                controller.Respond(answered.CommandId);
                return "not outstanding";
            case "slot beyond the queue":
                controller.Respond(0xFFFF);
                return "not outstanding";
            case "immediate data":
                controller.Send(response, opcode: VirtualQueuePair.SendWithImmediate);
                return "immediate data";
            case "write with immediate data":
                controller.Post(new SendWorkRequest { Opcode = VirtualQueuePair.RdmaWriteWithImmediate });
                return "immediate data";
            case "write of 16 bytes with immediate data":
                controller.Move(VirtualQueuePair.RdmaWriteWithImmediate, outstanding.Sgl, 16);
                return "immediate data";
            default:
                controller.Send(response, opcode: SendOpcode.SendWithInvalidate, key: outstanding.Sgl.Key);
                return "invalidates a key";
        }
    }
}
