using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>
/// One submission of a <see cref="HostCommand"/>. It ends twice: completed, when the controller answered or never will, and released, when besides that no
/// transmission reads its data and nothing is being received into it. Its command identifier is free after the first, its data after the second
/// (invariant I2, failure F4). On the loop only.
/// </summary>
internal sealed class HostSubmission(HostSubmissions owner) : IOwnedMemorySendOwner
{
    private HostCommand? _command;
    private BufferLease _data;
    private int _transmissions;
    private bool _completed;
    private bool _quarantined;

    /// <summary>Links the free submissions.</summary>
    public HostSubmission? NextFree { get; set; }

    public ushort CommandId { get; private set; }

    public DataDirection Direction { get; private set; }

    /// <summary>Bytes of data of the command.</summary>
    public uint Length { get; private set; }

    /// <summary>Bytes received, or asked for by R2Ts and sent.</summary>
    public uint Moved { get; set; }

    /// <summary>Where in the sent stream the answer to the last R2T ends.</summary>
    public long AnswerEnd { get; set; }

    /// <summary>The connection has data of it that is unsent or unproven.</summary>
    public bool IsTransmitting => _transmissions > 0;

    /// <summary>A data digest did not match.</summary>
    public bool DigestFailed { get; set; }

    /// <summary>The connection may be writing into the data.</summary>
    public bool Receiving { get; private set; }

    /// <summary>All of the data travelled in the capsule.</summary>
    public bool InCapsule { get; private set; }

    public void Begin(HostCommand command, ushort commandId, bool inCapsule)
    {
        _command = command;
        _completed = false;
        CommandId = commandId;
        Direction = command.Data.IsEmpty ? DataDirection.None : command.Direction;
        InCapsule = inCapsule;
        Moved = 0;
        DigestFailed = false;
        _data = Direction == DataDirection.None ? default : command.Data.Retain();
        Length = (uint)_data.Length;
    }

    /// <summary>A part of the data with a reference for one transmission, which <see cref="OnSent"/> ends.</summary>
    public BufferLease BeginTransmission(uint offset, uint length)
    {
        _transmissions++;
        return _data.Slice((int)offset, (int)length).Retain();
    }

    public BufferLease BeginReceiving(uint offset, uint length)
    {
        Receiving = true;
        return _data.Slice((int)offset, (int)length);
    }

    public void EndReceiving()
    {
        Receiving = false;
        ReleaseWhenDone();
    }

    public void OnSent(bool proven)
    {
        // Unproven bytes are in quarantine: the pool never lends their block again, and the command hears that it must not write there either.
        _quarantined |= !proven;
        _transmissions--;
        ReleaseWhenDone();
    }

    public void Complete(in CompletionQueueEntry completion, Exception? error)
    {
        _completed = true;
        try
        {
            _command!.OnCompleted(completion, error);
        }
        finally
        {
            ReleaseWhenDone();
        }
    }

    private void ReleaseWhenDone()
    {
        if (!_completed || _transmissions > 0 || Receiving)
        {
            return;
        }

        HostCommand command = _command!;
        _data.Release();
        _data = default;
        _command = null;
        _completed = false;
        bool quarantined = _quarantined;
        _quarantined = false;
        owner.Return(this);
        owner.TellReleased(command, quarantined);
    }
}
