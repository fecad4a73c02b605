using System.Net.Sockets;

namespace Nvmf.Transport.Tcp.Tests.Connections.ClosedWindow;

/// <summary>What a peer finds when it reads at last.</summary>
/// <param name="Whole">Complete blocks of 4 KiB received.</param>
/// <param name="Corrupt">Those of them with foreign bytes.</param>
/// <param name="WasReset">The stream ended with RST, not FIN.</param>
internal sealed record CorruptBlocks(int Whole, int Corrupt, bool WasReset)
{
    private const int BlockSize = 4096;

    /// <summary>Reads to the end of the stream, expecting <see cref="PeerStream"/>'s content from its beginning.</summary>
    public static async Task<CorruptBlocks> CountAsync(Socket peer)
    {
        using var received = new MemoryStream();
        byte[] buffer = new byte[64 << 10];
        bool wasReset = false;
        try
        {
            int count;
            while ((count = await peer.ReceiveAsync(buffer.AsMemory()).AsTask().WaitAsync(Within.Limit)) > 0)
            {
                received.Write(buffer.AsSpan(0, count));
            }
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            wasReset = true;
        }

        int whole = (int)(received.Length / BlockSize);
        int corrupt = 0;
        byte[] expected = new byte[BlockSize];
        for (int i = 0; i < whole; i++)
        {
            PeerStream.Fill(expected, (long)i * BlockSize);
            if (!received.GetBuffer().AsSpan(i * BlockSize, BlockSize).SequenceEqual(expected))
            {
                corrupt++;
            }
        }

        return new CorruptBlocks(whole, corrupt, wasReset);
    }
}
