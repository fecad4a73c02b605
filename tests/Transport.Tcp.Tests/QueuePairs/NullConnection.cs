using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>A connection that costs nothing and allocates nothing: what is sent is gone at once. For measuring what is above it.</summary>
internal sealed class NullConnection : IOwnedMemoryConnectionFeature, IQueuePairStages
{
    private readonly byte[] _header = new byte[4096];
    private BufferLease _into;

    public NullConnection()
    {
        Lifecycle = new QueuePairLifecycle("null", this, DrainDeadlines.Default);
        Context = new DefaultConnectionContext("null");
    }

    public ConnectionContext Context { get; }

    public IOwnedMemoryConnectionHandler Handler { get; private set; } = null!;

    public QueuePairLifecycle Lifecycle { get; }

    public bool IsOnLoop => true;

    public long UnsentBytes => 0;

    /// <summary>The last R2T's tag, when a header of that length was appended.</summary>
    public ushort LastTransferTag => BitConverter.ToUInt16(_header, 10);

    public void Post(IThreadPoolWorkItem item) => item.Execute();

    public void Attach(IOwnedMemoryConnectionHandler handler) => Handler = handler;

    public void ReceiveInto(BufferLease destination) => _into = destination.Retain();

    public void PauseReceive() => throw new InvalidOperationException("The pool is large enough.");

    public void ResumeReceive()
    {
    }

    public Span<byte> AppendHeader(int length) => _header.AsSpan(0, length);

    public void Append(BufferLease data, IOwnedMemorySendOwner? owner = null)
    {
        data.Release();
        owner?.OnSent(proven: true);
    }

    public void Flush()
    {
    }

    /// <summary>One batch.</summary>
    public void Receive(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_into.IsEmpty)
            {
                bytes = bytes[Handler.OnReceived(bytes)..];
                continue;
            }

            // The whole of it is always here.
            bytes = bytes[_into.Length..];
            BufferLease full = _into;
            _into = default;
            Handler.OnReceivedInto(full);
            full.Release();
        }

        Handler.OnBatchEnd();
    }

    void IQueuePairStages.OnQuiescing(TeardownCause cause) => Handler.OnQuiescing(cause);

    void IQueuePairStages.OnDraining()
    {
    }

    void IQueuePairStages.OnAborting()
    {
    }

    void IQueuePairStages.OnAbandoned()
    {
    }

    void IQueuePairStages.OnDestroy()
    {
    }
}
