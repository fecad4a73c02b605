using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.QueuePairs;
using Nvmf.Transport.Rdma.Tests.QueuePairs;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.Schedules;

/// <summary>Plays schedules against one queue pair after the other of one target, and looks afterwards.</summary>
internal sealed class ScheduleRunner(TargetBench bench)
{
    private const byte Held = 0x0C, Fetched = 0x01, Answered = 0x02, AtBackEnd = 0x10;

    private ushort _lastCommandId;

    public static SubmissionQueueEntry Entry(byte opcode, ushort commandId, SglDescriptor sgl = default)
    {
        sgl.Identifier = sgl.Identifier == 0 ? SglDescriptor.KeyedDataBlock : sgl.Identifier;
        return new SubmissionQueueEntry { Opcode = opcode, Flags = SubmissionQueueEntryExtensions.SglFlags, CommandId = commandId, Sgl = sgl };
    }

    /// <summary>Connects, plays, lets everything go on, and waits for the end.</summary>
    public async Task<DrainReport> PlayAsync(IEnumerable<Step> before, IEnumerable<Step> steps)
    {
        bench.Fabric.LastWorkRequestEvents = 0;
        bench.Destroyer.SetAutomatic(false);
        (RawHost host, RdmaQueuePair queuePair, ScriptedHandler handler) = await bench.ConnectAsync(size: 16, configure: Configure);
        var id = (VirtualCmId)queuePair.Connection.Id;
        try
        {
            foreach (Step step in before.Concat(steps))
            {
                await TakeAsync(step, host, queuePair, handler, id);
                await bench.SettleAsync();
            }

            return await EndAsync(queuePair, handler, id);
        }
        finally
        {
            host.Dispose();
        }
    }

    private static void Configure(ScriptedHandler handler) => handler.Command = command =>
    {
        switch (command.Entry.Opcode)
        {
            case Fetched:
                handler.Fetch(command);
                break;
            case Answered:
                handler.CompleteOne(command);
                break;
            default:
                handler.Hold(command, command.Entry.Opcode == AtBackEnd);
                break;
        }
    };

    private async Task TakeAsync(Step step, RawHost host, RdmaQueuePair queuePair, ScriptedHandler handler, VirtualCmId id)
    {
        switch (step)
        {
            case Step.PeerDisconnects: host.Id.Disconnect(); break;
            case Step.Close: queuePair.Close(TeardownCause.KeepAliveExpired); break;
            case Step.LastWorkRequest: EmitLast(id); EmitLast(id); break;
            case Step.Completions: bench.Fabric.DeliverCompletions(); break;
            case Step.Destroyer: bench.Destroyer.Run(); break;
            case Step.Abort: queuePair.Lifecycle.Abort(); break;
            case Step.CmEvent: bench.Fabric.DeliverEvent(0); break;
            case Step.NewestCmEvent: bench.Fabric.DeliverEvent(Math.Max(0, bench.Fabric.HeldEvents - 1)); break;
            case Step.RepeatedCmEvents: id.Inject(ConnectionEventType.Disconnected); id.Inject(ConnectionEventType.TimewaitExit); break;
            case Step.DeviceRemoval: id.Inject(ConnectionEventType.DeviceRemoval); break;
            case Step.DeviceFatal: bench.Machine.VirtualDevice.Emit(AsyncEventType.DeviceFatal); break;
            case Step.PortError: bench.Machine.VirtualDevice.Emit(AsyncEventType.PortError); break;
            case Step.QueuePairFatal: bench.Machine.VirtualDevice.Emit(AsyncEventType.QueuePairFatal, id.QueuePair); break;
            case Step.Command: host.Send(Entry(Held, ++_lastCommandId)); break;
            case Step.Write: host.Send(Entry(Fetched, ++_lastCommandId, host.Keyed(0, 8192))); break;
            case Step.Read: host.Send(Entry(Answered, ++_lastCommandId, host.Keyed(65536, 4096))); break;
            case Step.Slow: host.Send(Entry(AtBackEnd, ++_lastCommandId)); break;
            case Step.BackEnd: await bench.OnLoopAsync(handler.CompleteAll); break;
            case Step.HoldCompletions: bench.Fabric.HoldCompletions = true; break;
            case Step.HoldCmEvents: bench.Fabric.HoldEvents = true; break;
            case Step.PeerError: host.QueuePair.ModifyToError(); break;
        }
    }

    private void EmitLast(VirtualCmId id) => bench.Machine.VirtualDevice.Emit(AsyncEventType.LastWorkRequestReached, id.QueuePair);

    private async Task<DrainReport> EndAsync(RdmaQueuePair queuePair, ScriptedHandler handler, VirtualCmId id)
    {
        bench.Fabric.DeliverAll();
        queuePair.Close(TeardownCause.LocalClose);
        await bench.OnLoopAsync(handler.CompleteAll);
        await bench.SettleAsync();
        bench.Destroyer.SetAutomatic(true);
        EmitLast(id);
        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience);

        // The report goes to the loop by way of the thread pool.
        await bench.EventuallyAsync(() => handler.ClosedCalls > 0, "The handler was not told of the end.");
        await bench.SettleAsync();
        Assert.Empty(bench.Fabric.Violations);
        Assert.Equal((1, 1), (handler.QuiescedCalls, handler.ClosedCalls));
        Assert.Equal(0, report.QuarantinedBytes);
        Assert.Equal(new QueuePairReferences(0, 0, 0, 0, 0), queuePair.Lifecycle.References);
        Assert.Equal(0, bench.Loop.Connections.Count);
        return report;
    }
}
