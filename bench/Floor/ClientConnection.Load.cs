using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Bench.Floor;

internal sealed partial class ClientConnection
{
    /// <summary>SQSIZE, zero based: room for the deepest case.</summary>
    public const ushort QueueSize = 128;

    private FloorCase? _case;
    private BufferLease _data;
    private SubmissionQueueEntry _entry;
    private TaskCompletionSource? _idle;
    private ulong _random = 0x9E37_79B9_7F4A_7C15;
    private ulong _slots;
    private uint _blocksPerSlot;
    private long _completed;
    private int _active;
    private volatile bool _stopping;

    /// <summary>Commands completed. Any thread.</summary>
    public long Completed => Volatile.Read(ref _completed);

    /// <summary>Fills the queue and keeps it full.</summary>
    /// <param name="floorCase">What to send.</param>
    /// <param name="data">What writes write.</param>
    /// <param name="diskSize">Bytes to spread the commands over.</param>
    /// <param name="blockSize">Logical block size.</param>
    public void StartLoad(FloorCase floorCase, BufferLease data, long diskSize, int blockSize) => Post(() =>
    {
        _case = floorCase;
        _data = data;
        _slots = (ulong)(diskSize / floorCase.Size);
        _blocksPerSlot = (uint)(floorCase.Size / blockSize);
        _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _stopping = false;
        BuildEntry();
        _active = floorCase.Depth;
        for (var i = 0; i < floorCase.Depth; i++)
        {
            Submit((ushort)i);
        }
    });

    /// <summary>Lets the queue run empty.</summary>
    public async Task StopLoadAsync()
    {
        _stopping = true;
        await _idle!.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private bool InCapsule => _case!.IsWrite && _case.Size <= 8192;

    private void BuildEntry()
    {
        _entry = new SubmissionQueueEntry
        {
            Opcode = (byte)(_case!.IsWrite ? InputOutputOpcode.Write : InputOutputOpcode.Read),
            Flags = SubmissionQueueEntryExtensions.SglFlags,
            NamespaceId = (uint)_case.Disk,
            Sgl = new SglDescriptor { Length = (uint)_case.Size, Identifier = InCapsule ? SglDescriptor.DataBlockOffset : SglDescriptor.TransportDataBlock },
        };
        InputOutputCommand.Edit(ref _entry).Blocks = _blocksPerSlot;
    }

    private void Submit(ushort commandId)
    {
        _random ^= _random >> 12;
        _random ^= _random << 25;
        _random ^= _random >> 27;
        _entry.CommandId = commandId;
        _entry.StartingLba = Math.BigMul(_random * 0x2545_F491_4F6C_DD1D, _slots, out _) * _blocksPerSlot;
        var header = _connection.AppendHeader(Wire.CommandHeaderSize);
        Wire.WriteCommonHeader(header, Wire.CapsuleCommand, 0, Wire.CommandHeaderSize, InCapsule ? _case!.Size : 0);
        WireStructure.Write(header[Wire.CommonHeaderSize..], _entry);
        if (InCapsule)
        {
            _connection.Append(_data.Slice(0, _case!.Size).Retain());
        }
    }

    private void OnCompletion(ushort commandId)
    {
        Volatile.Write(ref _completed, _completed + 1);
        if (!_stopping)
        {
            Submit(commandId);
        }
        else if (--_active == 0)
        {
            _idle!.TrySetResult();
        }
    }

    private void SendData(ReadOnlySpan<byte> r2t)
    {
        var commandId = Wire.CommandIdOf(r2t);
        var tag = Wire.TransferTagOf(r2t);
        var offset = Wire.OffsetOf(r2t);
        var end = offset + Wire.DataLengthOf(r2t);
        while (offset < end)
        {
            var length = Math.Min(_maxHostData, end - offset);
            var flags = offset + length == end ? Wire.Last : (byte)0;
            Wire.WriteDataHeader(_connection.AppendHeader(Wire.ShortHeaderSize), Wire.H2CData, flags, commandId, tag, offset, length);
            _connection.Append(_data.Slice(offset, length).Retain());
            offset += length;
        }
    }
}
