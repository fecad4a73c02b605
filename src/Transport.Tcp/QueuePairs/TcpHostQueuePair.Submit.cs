using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <content>Command capsules and the data that R2Ts ask for.</content>
internal sealed partial class TcpHostQueuePair
{
    public override bool TrySubmit(HostCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (!_connection.IsOnLoop)
        {
            throw new InvalidOperationException("This member must be called on the queue pair's loop.");
        }

        if (_phase != Phase.Live)
        {
            return false;
        }

        if (_submissions.IsFull)
        {
            throw new InvalidOperationException("As many commands are outstanding as the queue has entries.");
        }

        if (!_references.TryTake())
        {
            return false;
        }

        BufferLease data = command.Data;
        bool inCapsule = !data.IsEmpty && command.Direction == DataDirection.HostToController && data.Length <= InCapsuleDataSize;
        TcpHostSubmission submission = _submissions.Begin(command, inCapsule);
        ref SubmissionQueueEntry entry = ref command.Entry;
        entry.CommandId = submission.CommandId;
        entry.Flags = (byte)((entry.Flags & 3) | SubmissionQueueEntryExtensions.SglFlags);
        entry.Sgl = new SglDescriptor
        {
            Length = submission.Length,
            Identifier = inCapsule ? SglDescriptor.DataBlockOffset : SglDescriptor.TransportDataBlock,
        };
        AppendCapsule(submission, entry, inCapsule ? submission.Length : 0);
        return true;
    }

    private void AppendCapsule(TcpHostSubmission submission, in SubmissionQueueEntry entry, uint dataLength)
    {
        int headerEnd = CapsuleCmdPdu.Size + _sendFraming.HeaderDigestSize;
        int dataOffset = dataLength == 0 ? 0 : _sendFraming.DataOffset(CapsuleCmdPdu.Size);
        var pdu = new CapsuleCmdPdu
        {
            Common = PduCommonHeader.Create(
                PduType.CapsuleCmd,
                dataLength == 0 ? _sendFraming.HeaderFlags : _sendFraming.DataFlags,
                CapsuleCmdPdu.Size,
                dataOffset,
                dataLength == 0 ? (uint)headerEnd : (uint)(dataOffset + _sendFraming.DataDigestSize) + dataLength),
            Entry = entry,
        };
        Span<byte> header = AppendHeader(Math.Max(headerEnd, dataOffset));
        MemoryMarshal.Write(header, in pdu);
        header[CapsuleCmdPdu.Size..].Clear();
        AddHeaderDigest(header, CapsuleCmdPdu.Size);
        if (dataLength != 0)
        {
            AppendData(submission, 0, dataLength);
        }
    }

    /// <summary>Answers an R2T by as many PDUs as MAXH2CDATA demands.</summary>
    private void AppendRequestedData(TcpHostSubmission submission, in R2TPdu request)
    {
        uint end = request.Offset + request.Length;
        for (uint offset = request.Offset; offset < end;)
        {
            uint length = Math.Min(end - offset, _maxHostToControllerData);
            bool last = offset + length == end;
            int dataOffset = _sendFraming.DataOffset(H2CDataPdu.Size);
            var pdu = new H2CDataPdu
            {
                Common = PduCommonHeader.Create(
                    PduType.H2CData,
                    _sendFraming.DataFlags | (last ? PduFlags.Last : PduFlags.None),
                    H2CDataPdu.Size,
                    dataOffset,
                    (uint)(dataOffset + _sendFraming.DataDigestSize) + length),
                CommandId = request.CommandId,
                TransferTag = request.TransferTag,
                DataOffset = offset,
                DataLength = length,
            };
            Span<byte> header = AppendHeader(dataOffset);
            MemoryMarshal.Write(header, in pdu);
            header[H2CDataPdu.Size..].Clear();
            AddHeaderDigest(header, H2CDataPdu.Size);
            AppendData(submission, offset, length);
            offset += length;
        }

        submission.Moved = end;
        submission.AnswerEnd = _appended;
    }

    private void AppendData(TcpHostSubmission submission, uint offset, uint length)
    {
        BufferLease data = submission.BeginTransmission(offset, length);
        _appended += length;
        uint digest = _sendFraming.DataDigest ? Crc32C.Compute(data.Span) : 0;
        _connection.Append(data, submission);
        if (_sendFraming.DataDigest)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(AppendHeader(PduFraming.DigestSize), digest);
        }
    }
}
