using Nvmf.Abstractions.Connections;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// Moves the bytes of a connection by itself, by system calls on <see cref="TcpConnection.BareSocket"/>; the connection keeps its lifecycle, its drain and
/// its abort. All calls come on the connection's loop; those of received bytes never come.
/// </summary>
internal interface IBareSocketHandler : IOwnedMemoryConnectionHandler
{
    /// <summary>True while bytes wait for this connection that its socket has not taken: it must not send FIN.</summary>
    bool HasUndelivered { get; }

    /// <summary>The socket's state changed (edge-triggered): either direction goes on until EAGAIN.</summary>
    void OnSocketReady(ReadyEvents events);
}
