using Nvmf.Abstractions.Buffers;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>Leased memory between two sockets: where there are no pipes to be had, or splicing is off. Sends copy, so the lease is free when it is empty.</summary>
internal sealed unsafe class CopyChannel(BufferLease buffer) : RelayChannel
{
    private int _start;

    public override int Capacity => buffer.Length;

    public override bool IsSplicing => false;

    public override nint Fill(TcpSocket source)
    {
        if (Bytes == 0)
        {
            _start = 0;
        }

        int end = _start + (int)Bytes;
        if (end == buffer.Length)
        {
            return -Errno.EAGAIN;
        }

        var vector = new IoVector(buffer.Pointer + end, buffer.Length - end);
        nint received = source.Receive(&vector, 1);
        if (received > 0)
        {
            Bytes += received;
        }

        return received;
    }

    public override nint Deliver(TcpSocket target)
    {
        var vector = new IoVector(buffer.Pointer + _start, (int)Bytes);
        nint sent = target.Send(&vector, 1, zeroCopy: false);
        if (sent <= 0)
        {
            return sent;
        }

        _start += (int)sent;
        Bytes -= sent;
        return sent;
    }

    public override void Return() => buffer.Release();
}
