using System.Net;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>One side of a relay that copies: whatever carries a stream of bytes. One reader and one writer at a time.</summary>
internal abstract class RelayCarrier
{
    public abstract EndPoint? RemoteEndPoint { get; }

    /// <returns>0 at the end of the stream.</returns>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Returns when the carrier has room for more: back-pressure.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>The end of what is written: FIN, behind everything.</summary>
    public abstract ValueTask EndWritesAsync();

    /// <summary>RST, as far as the carrier can.</summary>
    public abstract void Reset();

    /// <summary>After both directions have ended.</summary>
    public abstract ValueTask CloseAsync();
}
