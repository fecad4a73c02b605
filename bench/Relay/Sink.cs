using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Nvmf.Bench.Relay;

/// <summary>The upstream: answers the first bytes of each connection with one, and drops all it receives without copying it (MSG_TRUNC).</summary>
internal sealed partial class Sink : IDisposable
{
    private const int DropWithoutCopying = 0x20;
    private const int Chunk = 4 << 20;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private long _bytes;

    public Sink()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1024);
        new Thread(Accept) { IsBackground = true, Name = "sink" }.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public long Bytes => Interlocked.Read(ref _bytes);

    public void Dispose() => _listener.Dispose();

    private void Accept()
    {
        try
        {
            while (true)
            {
                var socket = _listener.Accept();
                new Thread(() => Drop(socket), 128 << 10) { IsBackground = true, Name = "sink" }.Start();
            }
        }
        catch (SocketException)
        {
            // Disposed.
        }
    }

    private void Drop(Socket socket)
    {
        using (socket)
        {
            var answered = false;
            nint received;
            while ((received = Receive((int)socket.Handle, 0, Chunk, DropWithoutCopying)) > 0)
            {
                Interlocked.Add(ref _bytes, received);
                if (answered)
                {
                    continue;
                }

                answered = true;
                socket.NoDelay = true;
                try
                {
                    socket.Send("!"u8);
                }
                catch (SocketException)
                {
                    return;
                }
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "recv")]
    private static partial nint Receive(int socket, nint buffer, nint length, int flags);
}
