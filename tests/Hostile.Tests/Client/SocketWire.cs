using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Nvmf.Hostile.Tests.Client;

/// <summary>A plain blocking socket.</summary>
internal sealed class SocketWire : HostWire
{
    private readonly Socket _socket;
    private bool _ended;

    /// <param name="endPoint">Where the target listens.</param>
    /// <param name="receiveBuffer">Bytes that the kernel takes for us while we do not read; 0 for its choice.</param>
    public SocketWire(IPEndPoint endPoint, int receiveBuffer = 0)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 30_000, SendTimeout = 30_000 };
        if (receiveBuffer > 0)
        {
            _socket.ReceiveBufferSize = receiveBuffer;
        }

        _socket.Connect(endPoint);
    }

    public override void Send(ReadOnlySpan<byte> bytes)
    {
        if (_ended)
        {
            return;
        }

        try
        {
            _socket.Send(bytes);
        }
        catch (SocketException exception) when (exception.SocketErrorCode != SocketError.TimedOut)
        {
            // The target had enough; what it said before can still be read.
        }
    }

    public override byte[]? ReceivePdu()
    {
        if (_ended)
        {
            return null;
        }

        byte[] header = new byte[8];
        if (!Receive(header))
        {
            return null;
        }

        int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4));
        if (length is < 8 or > 4 << 20)
        {
            throw new HostileException($"A PDU of {length} bytes.");
        }

        byte[] pdu = new byte[length];
        header.CopyTo(pdu, 0);
        return Receive(pdu.AsSpan(8)) ? pdu : null;
    }

    public override void End()
    {
        if (_ended)
        {
            return;
        }

        try
        {
            _socket.Shutdown(SocketShutdown.Send);
            byte[] scratch = new byte[65536];
            while (_socket.Receive(scratch) > 0)
            {
            }
        }
        catch (SocketException exception) when (exception.SocketErrorCode != SocketError.TimedOut)
        {
            // Reset already.
        }

        _ended = true;
        _socket.Dispose();
    }

    /// <summary>RST, whatever is under way. Leaves no TIME_WAIT behind.</summary>
    public void Kill()
    {
        _ended = true;
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public override void Dispose() => _socket.Dispose();

    private bool Receive(Span<byte> destination)
    {
        try
        {
            while (!destination.IsEmpty)
            {
                int received = _socket.Receive(destination);
                if (received == 0)
                {
                    return false;
                }

                destination = destination[received..];
            }

            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            return false;
        }
        catch (SocketException exception)
        {
            throw new HostileException($"No answer: {exception.SocketErrorCode}.");
        }
    }
}
