using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>Contiguous bytes in a connection's send queue.</summary>
internal unsafe struct SendChunk
{
    public byte* Pointer;
    public int Length;

    /// <summary>Protocol header in a staging block; goes out with whatever data it stands next to.</summary>
    public bool IsHeader;

    /// <summary>Bytes that were written together, of which this chunk is a part: what the zero-copy threshold judges. 0 for a chunk by itself.</summary>
    public int RunLength;

    /// <summary>The chunk holds a reference of <see cref="Lease"/>: for data, except that of pipes, and for the last header of a full staging block.</summary>
    public bool OwnsReference;

    /// <summary>An earlier part went out without copying, so its pages are in the ledger.</summary>
    public bool IsPartlyZeroCopied;

    /// <summary>Memory of the bytes; empty when they are in <see cref="Pinned"/>.</summary>
    public BufferLease Lease;

    /// <summary>Staging for headers when the pool is exhausted. Can only be copied.</summary>
    public byte[]? Pinned;

    public IOwnedMemorySendOwner? Owner;
}
