using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <content>What goes out: C2HData and response capsules. Nothing is flushed here; the connection does that at the end of a batch.</content>
internal sealed partial class TcpQueuePair
{
    private readonly ResponseLedger _unacceptedResponses;
    private PduFraming _sendFraming = PduFraming.Handshake;
    private bool _exchangeEnded;

    // In Draining the stream ends: nothing may follow. A termination request or a broken connection ends it earlier.
    private bool CanSend => !_exchangeEnded && Lifecycle.State <= QueuePairState.Quiescing;

    internal void Complete(TcpQueuePairCommand command, in CompletionQueueEntry completion, ReadOnlySpan<BufferLease> data)
    {
        EnsureCompletable(command, completion);
        long length = 0;
        foreach (ref readonly BufferLease piece in data)
        {
            length += piece.Length;
        }

        if (!data.IsEmpty && (length > command.DataLength || !completion.Status.IsSuccess))
        {
            throw new ArgumentException("More data than the command has room for, or data of a command that failed.", nameof(data));
        }

        if (CanSend)
        {
            if (data.IsEmpty)
            {
                AppendResponse(completion);
            }
            else
            {
                AppendDataAndResponse(completion, data, (int)length);
            }

            _unacceptedResponses.AddResponse();
        }
        else
        {
            foreach (ref readonly BufferLease piece in data)
            {
                piece.Release();
            }
        }

        EndCommand(command);
    }

    internal void Drop(TcpQueuePairCommand command)
    {
        EnsureOnLoop();
        if (command.State is not (CommandState.Delivered or CommandState.Transferring))
        {
            throw new InvalidOperationException("The command has been completed or dropped.");
        }

        EndCommand(command);
    }

    private void EnsureCompletable(TcpQueuePairCommand command, in CompletionQueueEntry completion)
    {
        EnsureOnLoop();

        // Slots are reused: the identifier tells a late caller's command from the one that has the slot now.
        bool mayComplete = command.State == CommandState.Delivered
            || (command.State == CommandState.Transferring && (_phase == Phase.Ended || Lifecycle.State != QueuePairState.Live));
        if (!mayComplete || completion.CommandId != command.Entry.CommandId)
        {
            throw new InvalidOperationException(
                "The command has been completed or dropped, its data is being received, or the completion is another command's.");
        }
    }

    private void AppendResponse(in CompletionQueueEntry completion)
    {
        int length = CapsuleRespPdu.Size + _sendFraming.HeaderDigestSize;
        WriteResponse(AppendHeader(length), completion);
    }

    private void AppendDataAndResponse(in CompletionQueueEntry completion, ReadOnlySpan<BufferLease> data, int length)
    {
        // The SUCCESS flag stands for an entry without error, result and SQHD: the latter must be of no use to the host.
        bool successFlag = _parameters.SubmissionQueueFlowControlDisabled && completion.Status.Value == 0 && completion.Result == 0;
        int dataOffset = _sendFraming.DataOffset(C2HDataPdu.Size);
        int digestSize = _sendFraming.DataDigestSize;
        var pdu = new C2HDataPdu
        {
            Common = PduCommonHeader.Create(
                PduType.C2HData,
                _sendFraming.DataFlags | PduFlags.Last | (successFlag ? PduFlags.Success : PduFlags.None),
                C2HDataPdu.Size,
                dataOffset,
                (uint)(dataOffset + length + digestSize)),
            CommandId = completion.CommandId,
            DataLength = (uint)length,
        };
        Span<byte> header = AppendHeader(dataOffset);
        MemoryMarshal.Write(header, in pdu);
        header[C2HDataPdu.Size..].Clear();
        AddHeaderDigest(header, C2HDataPdu.Size);

        uint digest = 0;
        foreach (ref readonly BufferLease piece in data)
        {
            digest = digestSize == 0 ? 0 : Crc32C.Append(digest, piece.Span);
            _connection.Append(piece);
        }

        _unacceptedResponses.AddBytes(length);

        int tailLength = digestSize + (successFlag ? 0 : CapsuleRespPdu.Size + _sendFraming.HeaderDigestSize);
        if (tailLength == 0)
        {
            return;
        }

        Span<byte> tail = AppendHeader(tailLength);
        if (digestSize != 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(tail, digest);
            tail = tail[digestSize..];
        }

        if (!successFlag)
        {
            WriteResponse(tail, completion);
        }
    }

    private void WriteResponse(Span<byte> destination, in CompletionQueueEntry completion)
    {
        var pdu = new CapsuleRespPdu
        {
            Common = PduCommonHeader.Create(
                PduType.CapsuleResp, _sendFraming.HeaderFlags, CapsuleRespPdu.Size, 0, (uint)(CapsuleRespPdu.Size + _sendFraming.HeaderDigestSize)),
            Entry = completion,
        };
        MemoryMarshal.Write(destination, in pdu);
        AddHeaderDigest(destination, CapsuleRespPdu.Size);
    }

    private Span<byte> AppendHeader(int length)
    {
        _unacceptedResponses.AddBytes(length);
        return _connection.AppendHeader(length);
    }

    private void AddHeaderDigest(Span<byte> pdu, int headerSize)
    {
        if (_sendFraming.HeaderDigest)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(pdu[headerSize..], Crc32C.Compute(pdu[..headerSize]));
        }
    }
}
