using System.Diagnostics;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>One of a relay's two connections: passes its events on.</summary>
internal sealed class RelayEnd(LoopRelay relay, TcpConnection connection) : IBareSocketHandler
{
    private bool _holdsCommand;

    public TcpConnection Connection => connection;

    public TcpSocket Socket { get; } = connection.BareSocket;

    /// <summary>What this connection receives.</summary>
    public RelayDirection Incoming { get; set; } = null!;

    /// <summary>What this connection sends.</summary>
    public RelayDirection Outgoing { get; set; } = null!;

    public bool HasUndelivered => Outgoing.HasUndelivered;

    /// <summary>Takes the command reference that keeps the connection from draining while bytes for it are under way.</summary>
    /// <returns>False when the connection is at its end already.</returns>
    public bool TryGoLive()
    {
        if (connection.Lifecycle.State == QueuePairState.Live)
        {
            // A detached pipe left its reference.
            _holdsCommand = true;
            return true;
        }

        return _holdsCommand = connection.Lifecycle.TryGoLive() && connection.Lifecycle.TryAcquire(ReferenceKind.Command);
    }

    /// <summary>Nothing more will be sent.</summary>
    public void ReleaseCommand()
    {
        if (!_holdsCommand)
        {
            return;
        }

        _holdsCommand = false;
        connection.Lifecycle.Release(ReferenceKind.Command);
    }

    public void OnSocketReady(ReadyEvents events)
    {
        if ((events & ReadyEvents.Writable) != 0)
        {
            Outgoing.OnTargetReady();
        }

        if ((events & (ReadyEvents.Readable | ReadyEvents.HangUp | ReadyEvents.Error)) != 0)
        {
            Incoming.OnSourceReady();
        }
    }

    public void OnPeerClosed(Exception? error)
    {
        if (error is not null)
        {
            relay.OnBroken(error, connection.Lifecycle.Cause);
        }
    }

    public void OnQuiescing(TeardownCause cause) => relay.OnEndQuiescing(cause, connection.IsAborting);

    public void OnClosed(DrainReport report) => relay.OnEndClosed(this);

    public int OnReceived(ReadOnlySpan<byte> bytes) => throw new UnreachableException();

    public void OnReceivedInto(BufferLease destination) => throw new UnreachableException();

    public void OnBatchEnd() => throw new UnreachableException();
}
