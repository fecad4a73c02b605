namespace Nvmf.Conformance.Tests.Transports;

/// <summary>The other end of a connection.</summary>
internal abstract class Peer : IAsyncDisposable
{
    /// <summary>Sends all of it.</summary>
    public abstract Task SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Bytes received, 0 at the end of the stream.</summary>
    /// <exception cref="IOException">The connection was reset.</exception>
    public abstract Task<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Nothing more will be sent.</summary>
    public abstract Task ShutdownAsync();

    /// <summary>Breaks the connection off.</summary>
    public abstract Task ResetAsync();

    public abstract ValueTask DisposeAsync();

    public async Task ReceiveExactlyAsync(Memory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int received = await ReceiveAsync(buffer).WithinLimit();
            if (received == 0)
            {
                Assert.Fail($"The stream ended {buffer.Length} bytes early.");
            }

            buffer = buffer[received..];
        }
    }

    /// <summary>Reads to the end of the stream.</summary>
    public async Task<byte[]> ReceiveAllAsync()
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[64 << 10];
        int received;
        while ((received = await ReceiveAsync(buffer).WithinLimit()) > 0)
        {
            all.Write(buffer, 0, received);
        }

        return all.ToArray();
    }
}
