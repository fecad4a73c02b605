using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Abstractions.Connections;

/// <summary>
/// A byte connection that sends and receives counted memory directly, without pipes: found in the features of a
/// <see cref="Microsoft.AspNetCore.Connections.ConnectionContext"/> of a transport that can do it.
/// </summary>
/// <remarks>
/// Everything happens on the connection's event loop; members without "any thread" must be called there. After <see cref="Attach"/>
/// the connection's pipe must not be used.
/// </remarks>
public interface IOwnedMemoryConnectionFeature
{
    /// <summary>
    /// The life of the connection, shared with whatever protocol runs on it: a protocol takes command references here and gets
    /// <see cref="IOwnedMemoryConnectionHandler.OnQuiescing"/>; the connection does the draining. Any thread.
    /// </summary>
    QueuePairLifecycle Lifecycle { get; }

    /// <summary>True on the connection's loop. Any thread.</summary>
    bool IsOnLoop { get; }

    /// <summary>Runs an item on the loop. Any thread. The caller holds a lifecycle reference until it has run.</summary>
    void Post(IThreadPoolWorkItem item);

    /// <summary>Takes the connection over and starts receiving. Once, any thread, instead of using the pipe.</summary>
    void Attach(IOwnedMemoryConnectionHandler handler);

    /// <summary>
    /// The next <c>destination.Length</c> bytes of the stream go straight there; then
    /// <see cref="IOwnedMemoryConnectionHandler.OnReceivedInto"/> is called. The connection holds a reference of its own meanwhile. Call it from
    /// <see cref="IOwnedMemoryConnectionHandler.OnReceived"/> or <see cref="IOwnedMemoryConnectionHandler.OnReceivedInto"/>, with no other one under way; bytes
    /// of the current batch that belong to it must be left unconsumed.
    /// </summary>
    void ReceiveInto(BufferLease destination);

    /// <summary>
    /// Lets the caller keep bytes where they were received: <paramref name="received"/> is (a part of) what the present call of
    /// <see cref="IOwnedMemoryConnectionHandler.OnReceived"/> brought, and <paramref name="lease"/> refers to the same bytes, with one reference for the
    /// caller. Not aligned. Meant for data that is used soon: there are few of these blocks.
    /// </summary>
    /// <returns>False: the bytes are not in counted memory now, and have to be copied.</returns>
    bool TryLend(ReadOnlySpan<byte> received, out BufferLease lease)
    {
        lease = default;
        return false;
    }

    /// <summary>Stops reading from the socket (back-pressure). Unconsumed bytes stay with the connection.</summary>
    void PauseReceive();

    /// <summary>Undoes <see cref="PauseReceive"/>; bytes held back are delivered from the loop, not from inside this call.</summary>
    void ResumeReceive();

    /// <summary>
    /// Room for <paramref name="length"/> (1..4096) bytes of protocol header in the send stream, to be filled in before the next call.
    /// </summary>
    Span<byte> AppendHeader(int length);

    /// <summary>
    /// Queues <paramref name="data"/> behind what was queued before. Takes over the caller's reference and gives it back when the kernel no
    /// longer references the bytes (zero-copy) or has copied them. <paramref name="owner"/>, when given, is told.
    /// </summary>
    void Append(BufferLease data, IOwnedMemorySendOwner? owner = null);

    /// <summary>Hands everything queued to the kernel in one gather send. The loop does it at the end of each batch by itself.</summary>
    void Flush();

    /// <summary>Bytes queued and not yet accepted by the kernel.</summary>
    long UnsentBytes { get; }
}
