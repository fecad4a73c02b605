using System.Net.Sockets;
using Nvmf.Transport.Tcp.Tests.Connections;

namespace Nvmf.Transport.Tcp.Tests.Relay;

/// <summary><see cref="PeerStream"/> beginning at a phase of the caller's choice: many streams, no two alike.</summary>
internal static class PeerStreams
{
    public static async Task SendAsync(Socket peer, long length, int largest, int seed, long phase)
    {
        await Task.Yield();
        var random = new Random(seed);
        byte[] buffer = new byte[largest];
        for (long position = 0; position < length;)
        {
            int part = (int)Math.Min(length - position, random.Next(1, largest + 1));
            PeerStream.Fill(buffer.AsSpan(0, part), phase + position);
            for (int sent = 0; sent < part;)
            {
                sent += await peer.SendAsync(buffer.AsMemory(sent, part - sent)).AsTask().WaitAsync(TimeSpan.FromMinutes(2));
            }

            position += part;
        }
    }

    public static async Task ReceiveAsync(Socket peer, long length, int largest, int seed, long phase)
    {
        await Task.Yield();
        var random = new Random(seed);
        byte[] buffer = new byte[largest];
        for (long position = 0; position < length;)
        {
            int wanted = (int)Math.Min(length - position, random.Next(1, largest + 1));
            int received = await peer.ReceiveAsync(buffer.AsMemory(0, wanted)).AsTask().WaitAsync(TimeSpan.FromMinutes(2));
            if (received == 0)
            {
                Assert.Fail($"The stream of phase {phase} ended at {position} of {length}.");
            }

            PeerStream.Check(buffer.AsSpan(0, received), phase + position);
            position += received;
        }
    }
}
