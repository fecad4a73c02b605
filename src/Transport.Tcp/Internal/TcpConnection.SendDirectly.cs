using System.Buffers;
using Nvmf.Abstractions.Buffers;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

internal sealed unsafe partial class TcpConnection
{
    private const int DirectVectors = 32;

    /// <summary>
    /// Copies bytes into the kernel from the calling thread, which saves the way to the loop and back. Any thread but one at a time, and with nothing queued.
    /// </summary>
    /// <returns>
    /// Bytes taken. Less than all of them when the socket is full or broken, when they are to go by reference, or when the connection is ending: the loop
    /// knows what to do with the rest.
    /// </returns>
    public long SendDirectly(in ReadOnlySequence<byte> bytes)
    {
        // Both belong to the loop. An old value only sends the last bytes of one kind the other way.
        if (_quiesced || bytes.Length >= _zeroCopyThreshold)
        {
            return 0;
        }

        // A deadline may end the connection meanwhile, and the number of its descriptor would soon be somebody else's.
        if (!_socket.TryKeepOpen())
        {
            return 0;
        }

        try
        {
            long sent = SendWhatFits(bytes);
            Interlocked.Add(ref _loop.Counters.BytesSentDirectly, sent);
            return sent;
        }
        finally
        {
            _socket.LetClose();
        }
    }

    private long SendWhatFits(in ReadOnlySequence<byte> bytes)
    {
        IoVector* vectors = stackalloc IoVector[DirectVectors];
        int count = 0;
        long gathered = 0;
        long sent = 0;
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            // Memory of another pool may move.
            if (!BufferLease.TryFrom(segment, out BufferLease lease))
            {
                break;
            }

            vectors[count++] = new IoVector(lease.Pointer, lease.Length);
            gathered += lease.Length;
            if (count < DirectVectors)
            {
                continue;
            }

            nint part = _socket.Send(vectors, count, zeroCopy: false);
            sent += Math.Max(0, part);
            if (part < gathered)
            {
                return sent;
            }

            count = 0;
            gathered = 0;
        }

        return count == 0 ? sent : sent + Math.Max(0, _socket.Send(vectors, count, zeroCopy: false));
    }
}
