using System.Net;
using System.Net.Sockets;

namespace Nvmf.Bench.Relay;

/// <summary>The clients.</summary>
internal static class Load
{
    private const int Chunk = 256 << 10;

    /// <summary>Streams that send as fast as they can, until disposed.</summary>
    public static IDisposable Stream(IPEndPoint relay, int count)
    {
        var streams = new SocketGroup();
        var buffer = new byte[Chunk];
        for (var i = 0; i < count; i++)
        {
            var socket = Connect(relay);
            streams.Add(socket);
            Run(() =>
            {
                while (true)
                {
                    socket.Send(buffer);
                }
            });
        }

        return streams;
    }

    /// <summary>Clients that connect, exchange one byte each way, and reset, again and again, for <paramref name="time"/>.</summary>
    /// <returns>Connections made.</returns>
    public static long Connects(IPEndPoint relay, int clients, TimeSpan time)
    {
        long count = 0;
        var end = DateTime.UtcNow + time;
        var threads = Enumerable.Range(0, clients).Select(_ => Run(() =>
        {
            var answer = new byte[1];
            while (DateTime.UtcNow < end)
            {
                using var socket = Connect(relay);
                socket.Send("?"u8);
                if (socket.Receive(answer) != 1)
                {
                    throw new SocketException((int)SocketError.ConnectionReset);
                }

                Interlocked.Increment(ref count);

                // No TIME_WAIT, of which a run would leave more than there are ports.
                socket.Close(0);
            }
        })).ToArray();
        foreach (var thread in threads)
        {
            thread.Join();
        }

        return count;
    }

    private static Socket Connect(IPEndPoint relay)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(relay);
        return socket;
    }

    private static Thread Run(Action action)
    {
        var thread = new Thread(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    // The end of the measurement, or a relay that does not keep up: the counts show it.
                }
            },
            128 << 10)
        { IsBackground = true, Name = "load" };
        thread.Start();
        return thread;
    }

    private sealed class SocketGroup : IDisposable
    {
        private readonly List<Socket> _sockets = [];

        public void Add(Socket socket) => _sockets.Add(socket);

        public void Dispose() => _sockets.ForEach(socket => socket.Close(0));
    }
}
