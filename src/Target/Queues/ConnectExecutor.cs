using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;
using Nvmf.Target.Diagnostics;

namespace Nvmf.Target.Queues;

/// <summary>
/// The first command of a queue: Connect makes a controller (queue 0) or adds an I/O queue to one. A refused Connect leaves the queue unconnected, and the host
/// may try again until the transport's Connect deadline.
/// </summary>
internal sealed class ConnectExecutor : CommandExecutor
{
    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (entry.FabricsCommandType != FabricsCommandType.Connect)
        {
            slot.Reject(NvmeStatus.CommandSequenceError);
        }
        else if (ConnectCommand.Of(in entry).RecordFormat != 0)
        {
            slot.Reject(NvmeStatus.ConnectIncompatibleFormat);
        }
        else if (slot.Command.DataLength != ConnectData.Size)
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
        }
        else
        {
            slot.ReceiveHostData();
        }
    }

    public override void OnHostData(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        slot.Progress = default;
        Connect(slot, in entry);
    }

    /// <summary>Requests of the host's last association have ended, or had their time to.</summary>
    public override void OnResumed(CommandSlot slot)
    {
        if (slot.Queue.IsQuiescing)
        {
            slot.Drop();
        }
        else
        {
            Connect(slot, in slot.Command.Entry);
        }
    }

    private static void Connect(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        ConnectOutcome? decided = Connect(slot, in ConnectCommand.Of(in entry), slot.HostData.Span);
        if (decided is not { } outcome)
        {
            return;
        }

        slot.Result = outcome.Result;
        if (outcome.Status.IsSuccess)
        {
            slot.Succeed();
        }
        else
        {
            TargetLog.ConnectRefused(slot.Queue.Target.Logger, slot.Queue.QueuePair.Id, outcome.Status, outcome.Reason);
            slot.Fail(outcome.Status);
        }
    }

    /// <returns>Null: the command waits.</returns>
    private static ConnectOutcome? Connect(CommandSlot slot, ref readonly ConnectCommand command, ReadOnlySpan<byte> bytes)
    {
        TargetQueue queue = slot.Queue;
        if (queue.Controller != null)
        {
            // Two Connects, whose data came or which waited at the same time: the second would make a controller that no queue ever ends.
            return ConnectOutcome.SequenceError("the queue is connected");
        }

        ConnectData data = WireStructure.Read<ConnectData>(bytes);
        if (!Nqn.TryRead(data.SubsystemNqn.Bytes, out string? subsystemNqn))
        {
            return ConnectOutcome.InvalidData(ConnectField.SubsystemNqn, "the subsystem NQN is not terminated or not UTF-8");
        }

        // Some tools send an empty host NQN; they get as far as "any host" does.
        if (!Nqn.TryRead(data.HostNqn.Bytes, out string? hostNqn))
        {
            return ConnectOutcome.InvalidData(ConnectField.HostNqn, "the host NQN is not terminated or not UTF-8");
        }

        if (queue.Port.IsRemoved)
        {
            return ConnectOutcome.Busy("the port is being removed");
        }

        if (queue.Target.FindControllers(subsystemNqn) is not { } controllers)
        {
            return ConnectOutcome.InvalidData(ConnectField.SubsystemNqn, "there is no such subsystem");
        }

        if (command.SubmissionQueueSize == 0 || command.SubmissionQueueSize >= MaxQueueSize(queue, command.QueueId))
        {
            return ConnectOutcome.InvalidCommand(ConnectField.QueueSize, "the queue size is out of range");
        }

        var request = new ConnectRequest(
            queue,
            subsystemNqn,
            hostNqn,
            data.HostId,
            data.ControllerId,
            new QueuePairParameters(
                command.QueueId,
                command.SubmissionQueueSize + 1,
                (command.Attributes & ConnectAttributes.DisableFlowControl) != 0),
            command.KeepAliveTimeout);
        if (command.QueueId != 0)
        {
            return controllers.AddIoQueue(request);
        }

        Task[] ending = controllers.EndingIoQueues(hostNqn, data.HostId);
        if (ending.Length == 0)
        {
            return controllers.Create(request);
        }

        // A write of the host's last association must not reach the medium behind one of the new (failure F4, invariant I10).
        if (slot.Progress.Waited)
        {
            return ConnectOutcome.Busy("commands of the host's last association are still at a back end");
        }

        TargetLog.ConnectWaits(queue.Target.Logger, queue.QueuePair.Id, hostNqn, ending.Length);
        slot.Progress.Waited = true;
        slot.WaitFor(Task.WhenAll(ending), queue.Target.Options.CommandQuiesceTime);
        return null;
    }

    private static int MaxQueueSize(TargetQueue queue, ushort queueId) => queueId == 0
        ? queue.Target.Options.MaxAdminQueueSize
        : ControllerLimits.MaxIoQueueSize(queue.Target.Options, queue.QueuePair.Capabilities);
}
