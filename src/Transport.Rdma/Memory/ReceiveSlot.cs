using Nvmf.Abstractions.Buffers;

namespace Nvmf.Transport.Rdma.Memory;

/// <summary>One receive: room for a capsule's header, and for its data in a block of its own, which a handler may keep beyond the command.</summary>
internal sealed class ReceiveSlot(ReceiveBuffers buffers, int index)
{
    public ReceiveBuffers Buffers => buffers;

    public int Index => index;

    /// <summary>Moves on with every post.</summary>
    public byte Generation { get; set; }

    /// <summary>The adapter may write to it.</summary>
    public bool Posted { get; set; }

    /// <summary>A capsule in it is being held or executed.</summary>
    public bool InUse { get; set; }

    /// <summary>In-capsule data; empty when there is room for none.</summary>
    public BufferLease Data { get; set; }

    /// <summary>Links held capsules.</summary>
    public ReceiveSlot? Next { get; set; }

    /// <summary>Bytes received, header included.</summary>
    public int Length { get; set; }

    public Span<byte> Header => buffers.Header(index);
}
