using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>A submission whose data is in use while a transmission reads it or bytes are being received into it. On the loop only.</summary>
internal sealed class TcpHostSubmission : HostSubmission, IOwnedMemorySendOwner
{
    private int _transmissions;

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

    protected override bool IsInUse => IsTransmitting || Receiving;

    /// <summary>A part of the data with a reference for one transmission, which <see cref="OnSent"/> ends.</summary>
    public BufferLease BeginTransmission(uint offset, uint length)
    {
        _transmissions++;
        return Data.Slice((int)offset, (int)length).Retain();
    }

    public BufferLease BeginReceiving(uint offset, uint length)
    {
        Receiving = true;
        return Data.Slice((int)offset, (int)length);
    }

    public void EndReceiving()
    {
        Receiving = false;
        ReleaseWhenDone();
    }

    public void OnSent(bool proven)
    {
        // Unproven bytes are in quarantine: the pool never lends their block again, and the command hears that it must not write there either.
        IsQuarantined |= !proven;
        _transmissions--;
        ReleaseWhenDone();
    }

    protected override void OnBegun()
    {
        Direction = Data.IsEmpty ? DataDirection.None : Command.Direction;
        Length = (uint)Data.Length;
        Moved = 0;
        DigestFailed = false;
    }
}
