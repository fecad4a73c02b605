using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Memory;

namespace Nvmf.Transport.Rdma.Connections;

/// <summary>The protocol on top of an <see cref="RdmaConnection"/>: the target's or the host's side of a queue pair. All calls come on the loop.</summary>
internal interface IRdmaConnectionOwner
{
    /// <summary>An event on the way to a connection: address or route resolved.</summary>
    void OnResolved(in CmEvent cmEvent);

    /// <summary>The connection is live.</summary>
    void OnEstablished(in CmEvent cmEvent);

    /// <summary>A capsule arrived. The slot is the owner's until <see cref="RdmaConnection.ReturnReceive"/>.</summary>
    void OnReceived(ReceiveSlot slot);

    /// <summary>The peer did what NVMe/RDMA does not know.</summary>
    void OnFault(string fault);

    /// <summary>The adapter is done with an operation, whatever became of it. Its data is given back after the call.</summary>
    void OnOperationEnded(SendOperation operation);

    /// <summary>A batch of completions is over: there may be room in the send queue.</summary>
    void OnBatchEnd();

    /// <summary>No command will follow.</summary>
    void OnQuiescing(TeardownCause cause);

    /// <summary>Nothing can be posted any more.</summary>
    void OnPostingEnded();

    /// <summary>The queue pair is destroyed: neither adapter nor peer can reach any memory of the connection. Or, when not <paramref name="proven"/>, they may for ever.</summary>
    void OnFenced(bool proven);

    /// <summary>Last call.</summary>
    void OnClosed(DrainReport report);
}
