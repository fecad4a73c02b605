using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Abstractions.Connections;

/// <summary>The protocol on top of an <see cref="IOwnedMemoryConnectionFeature"/>. All calls come on the connection's loop.</summary>
public interface IOwnedMemoryConnectionHandler
{
    /// <summary>Bytes arrived. They are valid during the call only.</summary>
    /// <returns>
    /// Bytes consumed. The rest is kept by the connection and offered again, together with what follows it, when more arrived or after
    /// <see cref="IOwnedMemoryConnectionFeature.ResumeReceive"/>. At most 64 KiB may be left unconsumed while not paused; a protocol that needs larger units
    /// uses <see cref="IOwnedMemoryConnectionFeature.ReceiveInto"/>.
    /// </returns>
    int OnReceived(ReadOnlySpan<byte> bytes);

    /// <summary>The lease given to <see cref="IOwnedMemoryConnectionFeature.ReceiveInto"/> is full.</summary>
    void OnReceivedInto(BufferLease destination);

    /// <summary>The end of a batch of received bytes: last chance to append before the gather send.</summary>
    void OnBatchEnd();

    /// <summary>The peer sent FIN (<paramref name="error"/> is null) or the connection broke. A teardown has begun by then.</summary>
    void OnPeerClosed(Exception? error);

    /// <summary>The teardown began: accept no more commands.</summary>
    void OnQuiescing(TeardownCause cause);

    /// <summary>The connection is gone. Last call.</summary>
    void OnClosed(DrainReport report);
}
