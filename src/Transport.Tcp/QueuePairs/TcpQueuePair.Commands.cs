using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <content>Command capsules.</content>
internal sealed partial class TcpQueuePair
{
    private bool IsAdmin => _phase != Phase.Connected || _parameters.QueueId == 0;

    // Before Connect the queue has one entry; afterwards as many as Connect said. Responses that never left count: the host cannot know of them.
    private bool HasRoomForCommand()
    {
        if (_slots.InUse + _unacceptedResponses.Count < _parameters.QueueSize)
        {
            return true;
        }

        _unacceptedResponses.Update(_connection.UnsentBytes);
        return _slots.InUse + _unacceptedResponses.Count < _parameters.QueueSize;
    }

    private PduDataAction AcceptCommand(ReadOnlySpan<byte> header, uint capsuleData, ReadOnlySpan<byte> data, out BufferLease destination)
    {
        destination = default;
        ref readonly SubmissionQueueEntry entry = ref Unsafe.As<byte, SubmissionQueueEntry>(
            ref MemoryMarshal.GetReference(header[CapsuleCmdPdu.EntryOffset..]));
        bool admin = IsAdmin;
        int maxCapsuleData = admin ? TcpQueuePairSettings.AdminInCapsuleDataSize : Capabilities.InCapsuleDataSize;
        var transfer = TransferDescription.Of(entry, capsuleData, (uint)maxCapsuleData, (uint)Capabilities.MaxDataTransferSize);

        // Admin commands may stay for long, and theirs is the memory that must never be short.
        bool kept = transfer.InCapsule && !admin && !data.IsEmpty && !_capsuleBuffers.HasGrant && _connection.TryLend(data, out destination);
        if (transfer.InCapsule
            && !kept
            && !_capsuleBuffers.TryRent((int)capsuleData, admin ? BufferPriority.Administration : BufferPriority.InputOutput, out destination))
        {
            return PduDataAction.Wait;
        }

        if (!_references.TryTake())
        {
            // A teardown began on another thread and its message is on its way here.
            destination.Release();
            _receiver.Stop();
            return PduDataAction.Skip;
        }

        TcpQueuePairCommand command = _slots.Rent();
        command.Begin(entry, transfer, destination);
        if (!transfer.InCapsule)
        {
            _handler!.OnCommand(command);
            return PduDataAction.Skip;
        }

        _inbound = command;
        return kept ? PduDataAction.Keep : PduDataAction.Store;
    }

    /// <summary>Frees the slot and gives its reference back: the last thing to do with the queue pair.</summary>
    private void EndCommand(TcpQueuePairCommand command)
    {
        EndTransfer(command);
        command.End();
        _slots.Return(command);
        _references.Return();
    }
}
