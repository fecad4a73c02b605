using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Connections;
using Nvmf.Transport.Rdma.Memory;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <content>Command capsules.</content>
internal sealed partial class RdmaQueuePair
{
    private ReceiveSlot? _firstHeld;
    private ReceiveSlot? _lastHeld;
    private int _held;

    void IRdmaConnectionOwner.OnReceived(ReceiveSlot slot)
    {
        switch (_phase)
        {
            case Phase.AwaitingConnect or Phase.Connected:
                OnCapsule(slot);
                break;
            case Phase.Ended:
                _connection.ReturnReceive(slot);
                break;
            default:
                Hold(slot);
                break;
        }
    }

    void IRdmaConnectionOwner.OnFault(string fault) => Break(fault);

    private void Hold(ReceiveSlot slot)
    {
        // Shared receives are everybody's: a host whose queue pair nobody serves yet, because it establishes its connection late, must not collect them.
        if (_held == _commands.Length)
        {
            Break(slot, $"more than {_commands.Length} commands outstanding");
            return;
        }

        _held++;
        slot.Next = null;
        if (_firstHeld is null)
        {
            _firstHeld = slot;
        }
        else
        {
            _lastHeld!.Next = slot;
        }

        _lastHeld = slot;
    }

    private ReceiveSlot? TakeHeld()
    {
        ReceiveSlot? slot = _firstHeld;
        _firstHeld = slot?.Next;
        if (slot is not null)
        {
            slot.Next = null;
            _held--;
        }

        return slot;
    }

    private void ExecuteHeld()
    {
        while (TakeHeld() is { } slot)
        {
            if (_phase == Phase.Ended)
            {
                _connection.ReturnReceive(slot);
            }
            else
            {
                OnCapsule(slot);
            }
        }
    }

    private void OnCapsule(ReceiveSlot slot)
    {
        if (slot.Length < SubmissionQueueEntry.Size)
        {
            Break(slot, $"a capsule of {slot.Length} bytes");
            return;
        }

        if (_freeCommands is not { } command)
        {
            Break(slot, $"more than {_commands.Length} commands outstanding");
            return;
        }

        if (!Lifecycle.TryAcquire(ReferenceKind.Command))
        {
            // A teardown began on another thread and its message is on its way here.
            _connection.ReturnReceive(slot);
            return;
        }

        ref readonly SubmissionQueueEntry entry = ref MemoryMarshal.AsRef<SubmissionQueueEntry>(slot.Header);
        ReadOnlySpan<byte> capsuleData = slot.Data.Span[..(slot.Length - SubmissionQueueEntry.Size)];
        var transfer = TransferDescription.Of(entry, capsuleData, (uint)_options.MaxDataTransferSize, _options.MaxSglDescriptors);
        _freeCommands = command.NextFree;
        command.NextFree = null;
        command.Begin(entry, transfer, capsuleData);
        if (transfer.InCapsule)
        {
            command.Receive = slot;
        }
        else
        {
            _connection.ReturnReceive(slot);
        }

        _handler!.OnCommand(command);
    }

    private void Break(ReceiveSlot slot, string fault)
    {
        _connection.ReturnReceive(slot);
        Break(fault);
    }

    private void Break(string fault)
    {
        if (_phase != Phase.Ended)
        {
            RdmaLog.ProtocolError(_logger, Id, RemoteEndPoint, fault);
            Close(TeardownCause.ProtocolError, new IOException($"The host broke the protocol: {fault}."));
        }
    }

    /// <summary>Frees the slot and gives its reference back.</summary>
    private void EndCommand(RdmaQueuePairCommand command)
    {
        EndTransfer(command);
        ReturnCapsule(command);
        command.State = CommandState.Free;
        command.NextFree = _freeCommands;
        _freeCommands = command;
        Lifecycle.Release(ReferenceKind.Command);
    }

    private void ReturnCapsule(RdmaQueuePairCommand command)
    {
        if (command.Receive is { } receive)
        {
            command.Receive = null;
            _connection.ReturnReceive(receive);
        }
    }
}
