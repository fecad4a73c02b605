using System.Net.Sockets;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>A stream of known content: any position can be checked without keeping what was sent.</summary>
internal static class PeerStream
{
    // Random bytes repeated with a prime period: no shift by a power of two goes unnoticed, and comparing is one vectorised call.
    private const int Period = 65_521;
    private static readonly byte[] Pattern = MakePattern();

    public static void Fill(Span<byte> bytes, long position)
    {
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> source = Part(position, bytes.Length);
            source.CopyTo(bytes);
            bytes = bytes[source.Length..];
            position += source.Length;
        }
    }

    public static void Check(ReadOnlySpan<byte> bytes, long position)
    {
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> expected = Part(position, bytes.Length);
            int same = bytes.CommonPrefixLength(expected);
            if (same < expected.Length)
            {
                Assert.Fail($"Byte {position + same} is {bytes[same]:x2} instead of {expected[same]:x2}.");
            }

            bytes = bytes[expected.Length..];
            position += expected.Length;
        }
    }

    public static async Task SendAsync(Socket peer, long length, int largest, int seed)
    {
        var random = new Random(seed);
        byte[] buffer = new byte[largest];
        for (long position = 0; position < length;)
        {
            int part = (int)Math.Min(length - position, random.Next(1, largest + 1));
            Fill(buffer.AsSpan(0, part), position);
            for (int sent = 0; sent < part;)
            {
                sent += await peer.SendAsync(buffer.AsMemory(sent, part - sent)).AsTask().WaitAsync(Within.Limit);
            }

            position += part;
        }
    }

    public static async Task ReceiveAsync(Socket peer, long length, int largest, int seed)
    {
        var random = new Random(seed);
        byte[] buffer = new byte[largest];
        for (long position = 0; position < length;)
        {
            int wanted = (int)Math.Min(length - position, random.Next(1, largest + 1));
            int received = await peer.ReceiveAsync(buffer.AsMemory(0, wanted)).AsTask().WaitAsync(Within.Limit);
            if (received == 0)
            {
                Assert.Fail($"The stream ended at {position} of {length}.");
            }

            Check(buffer.AsSpan(0, received), position);
            position += received;
        }
    }

    /// <summary>Asserts that FIN, and nothing else, comes next.</summary>
    public static async Task ExpectFinAsync(Socket peer) =>
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1].AsMemory()).AsTask().WaitAsync(Within.Limit));

    /// <summary>Asserts that the connection ends with RST, whatever is still in its buffer.</summary>
    public static async Task ExpectResetAsync(Socket peer)
    {
        byte[] buffer = new byte[64 << 10];
        SocketException error = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (await peer.ReceiveAsync(buffer.AsMemory()).AsTask().WaitAsync(Within.Limit) > 0)
            {
            }
        });
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    private static ReadOnlySpan<byte> Part(long position, int length)
    {
        int start = (int)(position % Period);
        return Pattern.AsSpan(start, Math.Min(length, Period - start));
    }

    private static byte[] MakePattern()
    {
        byte[] pattern = new byte[Period];
        new Random(4420).NextBytes(pattern);
        return pattern;
    }
}
