using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Bench.Floor;

/// <summary>
/// The floor: the bytes of an NVMe/TCP target and nothing behind them. Looks at as little as it can, keeps no command, checks nothing, and answers
/// reads from one block of memory; or, when asked for <see cref="FloorDisk.Memory"/>, does the copies that a memory disk has to do.
/// </summary>
internal sealed class FloorServerConnection(IOwnedMemoryConnectionFeature connection, FloorMemory memory) : IOwnedMemoryConnectionHandler
{
    private long _copyTo;
    private ushort _receiving;
    private int _remaining;
    private bool _lastOfTransfer;

    public int OnReceived(ReadOnlySpan<byte> bytes)
    {
        var consumed = 0;
        while (bytes.Length - consumed >= Wire.CommonHeaderSize)
        {
            var rest = bytes[consumed..];
            var length = Wire.LengthOf(rest);
            if (Wire.TypeOf(rest) == Wire.H2CData)
            {
                if (rest.Length < Wire.ShortHeaderSize)
                {
                    break;
                }

                consumed += Wire.ShortHeaderSize;
                _receiving = Wire.CommandIdOf(rest);
                _lastOfTransfer = (Wire.FlagsOf(rest) & Wire.Last) != 0;
                _remaining = Wire.DataLengthOf(rest);
                ReceiveMore();
                break;
            }

            if (rest.Length < length)
            {
                break;
            }

            consumed += length;
            if (Wire.TypeOf(rest) == Wire.ICReq)
            {
                Wire.WriteICResp(connection.AppendHeader(Wire.ICReqSize));
            }
            else
            {
                Execute(WireStructure.Read<SubmissionQueueEntry>(rest[Wire.CommonHeaderSize..]), rest[..length]);
            }
        }

        return consumed;
    }

    public void OnReceivedInto(BufferLease destination)
    {
        if (_copyTo >= 0)
        {
            memory.Store(destination.Span, _copyTo);
        }

        _remaining -= destination.Length;
        if (_remaining > 0)
        {
            ReceiveMore();
        }
        else if (_lastOfTransfer)
        {
            Respond(_receiving);
        }
    }

    public void OnBatchEnd()
    {
    }

    public void OnPeerClosed(Exception? error)
    {
    }

    public void OnQuiescing(TeardownCause cause)
    {
    }

    public void OnClosed(DrainReport report)
    {
    }

    private void Execute(in SubmissionQueueEntry entry, ReadOnlySpan<byte> pdu)
    {
        var length = (int)InputOutputCommand.Of(in entry).Blocks * FloorServer.BlockSize;
        var address = entry.NamespaceId == (uint)FloorDisk.Memory ? (long)entry.StartingLba * FloorServer.BlockSize : -1;
        if (entry.Opcode == (byte)InputOutputOpcode.Read)
        {
            Wire.WriteDataHeader(connection.AppendHeader(Wire.ShortHeaderSize), Wire.C2HData, Wire.Last, entry.CommandId, 0, 0, length);
            connection.Append(address < 0 ? memory.Block.Slice(0, length).Retain() : memory.Load(address, length));
            Respond(entry.CommandId);
        }
        else if (entry.Opcode == (byte)InputOutputOpcode.Write && pdu.Length == Wire.CommandHeaderSize)
        {
            // The client sends one transfer after the other, so this is where the data of the next PDU goes, or near enough.
            _copyTo = address;
            Wire.WriteDataHeader(connection.AppendHeader(Wire.ShortHeaderSize), Wire.R2T, 0, entry.CommandId, entry.CommandId, 0, length);
        }
        else
        {
            // Data in the capsule (write, Connect) has come with it.
            if (entry.Opcode == (byte)InputOutputOpcode.Write && address >= 0)
            {
                memory.Store(pdu[Wire.CommandHeaderSize..], address);
            }

            Respond(entry.CommandId);
        }
    }

    private void ReceiveMore()
    {
        var sink = memory.SinkOf(_receiving);
        connection.ReceiveInto(sink.Slice(0, Math.Min(_remaining, sink.Length)));
    }

    private void Respond(ushort commandId) => Wire.WriteResponse(connection.AppendHeader(Wire.ShortHeaderSize), commandId);
}
