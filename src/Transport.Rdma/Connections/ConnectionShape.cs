using Nvmf.Abstractions.Buffers;

namespace Nvmf.Transport.Rdma.Connections;

/// <summary>Sizes of a connection's queues.</summary>
/// <param name="SendDepth">Work requests in the send queue.</param>
/// <param name="Operations">Chains among them.</param>
/// <param name="SendHeaderSize">Bytes of a capsule or response sent.</param>
/// <param name="ReceiveDepth">Receives.</param>
/// <param name="ReceiveHeaderSize">Bytes of a capsule or response received, without in-capsule data.</param>
/// <param name="ReceiveDataSize">Bytes of in-capsule data.</param>
/// <param name="Shared">Receive from the shared receive queue.</param>
/// <param name="Priority">Of the memory.</param>
internal readonly record struct ConnectionShape(
    int SendDepth,
    int Operations,
    int SendHeaderSize,
    int ReceiveDepth,
    int ReceiveHeaderSize,
    int ReceiveDataSize,
    bool Shared,
    BufferPriority Priority);
