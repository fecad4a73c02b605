using System.Runtime.InteropServices;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <content>
/// Data from the host: one R2T for all of a command's data, answered by H2CData PDUs in order. One R2T per command at a time satisfies every MAXR2T.
/// </content>
internal sealed partial class TcpQueuePair
{
    internal void ReceiveData(TcpQueuePairCommand command, BufferLease destination)
    {
        EnsureOnLoop();
        if (command.State != CommandState.Delivered
            || command.Entry.GetDataDirection() != DataDirection.HostToController
            || command.DataLength == 0
            || !command.InCapsuleData.IsEmpty)
        {
            throw new InvalidOperationException("The command has no data to fetch from the host, or its transfer is under way.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan((uint)destination.Length, command.DataLength, nameof(destination));
        command.BeginTransfer(destination, _hostDataWatch.Looks);
        _hostDataWatch.Begin();
        if (_phase == Phase.Ended || !CanSend)
        {
            // The data will never come. Without an event reference the end is so near that nobody needs to know.
            if (Lifecycle.TryAcquire(ReferenceKind.Event))
            {
                _connection.Post(command);
            }

            return;
        }

        var pdu = new R2TPdu
        {
            Common = PduCommonHeader.Create(
                PduType.R2T, _sendFraming.HeaderFlags, R2TPdu.Size, 0, (uint)(R2TPdu.Size + _sendFraming.HeaderDigestSize)),
            CommandId = command.Entry.CommandId,
            TransferTag = command.TransferTag,
            Length = command.DataLength,
        };
        Span<byte> header = AppendHeader(R2TPdu.Size + _sendFraming.HeaderDigestSize);
        MemoryMarshal.Write(header, in pdu);
        AddHeaderDigest(header, R2TPdu.Size);
    }

    /// <summary>A transfer that began after the end of receiving.</summary>
    internal void FailTransfer(TcpQueuePairCommand command)
    {
        if (command.State == CommandState.Transferring)
        {
            EndTransfer(command);
            _handler!.OnDataReceived(command, NvmeStatus.AbortedSqDeletion);
        }

        Lifecycle.Release(ReferenceKind.Event);
    }

    private PduFault CheckHostData(in H2CDataPdu pdu, uint dataLength)
    {
        if (pdu.DataLength > _settings.MaxHostToControllerData)
        {
            return PduFault.LimitExceeded;
        }

        if (_slots.FindTransfer(pdu.TransferTag) is not { } command)
        {
            return PduFault.Field(H2CDataPdu.TransferTagOffset);
        }

        if (command.Entry.CommandId != pdu.CommandId)
        {
            return PduFault.Field(H2CDataPdu.CommandIdOffset);
        }

        if (pdu.DataLength != dataLength || dataLength == 0)
        {
            return PduFault.Field(H2CDataPdu.DataLengthOffset);
        }

        // 64 bits: offset and length are the host's.
        ulong end = (ulong)pdu.DataOffset + pdu.DataLength;
        if (end > command.DataLength)
        {
            return PduFault.OutOfRange;
        }

        bool last = (pdu.Common.Flags & PduFlags.Last) != 0;
        return pdu.DataOffset != command.Transferred || last != (end == command.DataLength) ? PduFault.Sequence : PduFault.None;
    }

    private BufferLease AcceptHostData(in H2CDataPdu pdu)
    {
        _inbound = _slots.FindTransfer(pdu.TransferTag)!;
        _inboundLength = pdu.DataLength;
        return _inbound.NextDestination(pdu.DataLength);
    }

    private void OnHostData(TcpQueuePairCommand command, bool digestMatches)
    {
        _hostDataWatch.Progress();
        if (command.AddTransferred(_inboundLength, digestMatches))
        {
            EndTransfer(command);
            _handler!.OnDataReceived(command, command.DigestFailed ? NvmeStatus.TransientTransportError : NvmeStatus.Success);
        }
    }

    /// <summary>Transferring → Delivered, when it is.</summary>
    private void EndTransfer(TcpQueuePairCommand command)
    {
        if (command.State == CommandState.Transferring)
        {
            _hostDataWatch.End();
            command.EndTransfer();
        }
    }
}
