using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// The end of a connection (failure F1). docs/drain.md explains each signal.
/// </summary>
internal sealed unsafe partial class TcpConnection
{
    private DrainTimer? _drainTimer;
    private bool _drainBegun;
    private bool _abortBegun;
    private bool _finSent;
    private bool _finished;
    private long _acknowledgedAt;

    private void BeginDrain()
    {
        if (_drainBegun || _abortFollows)
        {
            return;
        }

        Quiesce();
        if (_bare is { HasUndelivered: true })
        {
            // T1 has passed. A FIN here would make a truncated stream look like a whole one.
            AbortBecause(TeardownCause.TimedOut, new ConnectionAbortedException("Relayed bytes could not be delivered in time."));
            return;
        }

        SendQueued();
        EnterDrain();
        ContinueDrain();
    }

    /// <summary>From here on the handler hears no more of received bytes, and its appends are dropped.</summary>
    private void EnterDrain()
    {
        _drainBegun = true;
        EndReceive();

        // Edges: hang-up and error are states of a connection at its end, and would have the loop spin. The timer is there for what an edge misses.
        SetInterest(ReadyEvents.Readable | ReadyEvents.Writable | ReadyEvents.EdgeTriggered);
        _drainTimer = new DrainTimer(this);
    }

    private void ContinueDrain()
    {
        if (_finished)
        {
            return;
        }

        if (!_ledger.IsEmpty)
        {
            ReapNotifications();
        }

        if (!_abortBegun && _error == 0)
        {
            DiscardReceived();
            _sendBlocked = false;
            SendQueued();

            // The last byte may have been one that more should have followed.
            if (_error == 0 && _sendQueue.IsEmpty && !_abortFollows)
            {
                SendFin();
            }

            // A reset after the peer's FIN comes up in no read, and in no send when everything is sent.
            if (_error == 0 && _socket.TakeError() is > 0 and int error)
            {
                OnBroken(error);
            }
        }

        if (_abortBegun ? _ledger.IsEmpty : IsDrained())
        {
            Finish();
        }
        else
        {
            _drainTimer!.StartNext();
        }
    }

    /// <summary>
    /// Memory: nothing queued, nothing in the ledger. Delivery: the peer acknowledged every byte and FIN, and closed its side too or had its
    /// time to. Closing earlier, with received bytes unread or more of them coming, would send a RST that cuts off responses the peer has not read yet.
    /// </summary>
    private bool IsDrained()
    {
        if (_error != 0 || !_finSent || !_sendQueue.IsEmpty || !_ledger.IsEmpty)
        {
            return false;
        }

        // Behind a pipe a slow peer is nobody's concern any more: the kernel has copies, and delivers them after the close.
        if (_pipeHandler is null && _socket.UnacknowledgedBytes() > 0)
        {
            return false;
        }

        if (_peerClosed)
        {
            return true;
        }

        long now = _loop.Thread.BatchTimestamp;
        if (_acknowledgedAt == 0)
        {
            _acknowledgedAt = now;
        }

        return Stopwatch.GetElapsedTime(_acknowledgedAt, now) >= _transport.Options.PeerCloseTimeout;
    }

    private void SendFin()
    {
        if (_finSent)
        {
            return;
        }

        _finSent = true;
        TcpLog.ConnectionWriteFin(_transport.Logger, ConnectionId, Lifecycle.Cause.ToString());
        int result = _socket.ShutdownWrites();
        if (result < 0)
        {
            FailLater(-result);
        }
    }

    private void DiscardReceived()
    {
        Span<byte> scratch = _loop.Thread.ReceiveBuffer;
        for (int budget = ReadBudget; budget > 0 && !_peerClosed;)
        {
            IoVector vector;
            fixed (byte* bytes = scratch)
            {
                vector = new IoVector(bytes, scratch.Length);
            }

            int received = (int)_socket.Receive(&vector, 1);
            if (received <= 0)
            {
                OnReceiveEnd(received);
                return;
            }

            budget -= received;
        }
    }

    /// <summary>T2 has passed or the connection is dead: take back what the kernel has, by force.</summary>
    private void BeginAbort()
    {
        if (_abortBegun || _finished)
        {
            return;
        }

        _abortBegun = true;
        Quiesce();
        bool deadlinePassed = _drainBegun && !_broken;
        if (!_drainBegun)
        {
            EnterDrain();
        }

        if (deadlinePassed)
        {
            _loop.Counters.DrainDeadlines++;
        }

        if (!_broken)
        {
            TcpLog.ConnectionWriteRst(_transport.Logger, ConnectionId, _abortReason?.Message ?? Lifecycle.Cause.ToString());
        }

        Lifecycle.AddProven(_sendQueue.Drop());
        TellSent();

        // Purges the kernel's queue and keeps the descriptor and its error queue. Only a notification from there is proof: clones of
        // the segments may still wait in a queueing discipline or in the adapter's ring.
        int result = _socket.Disconnect();
        if (result < 0)
        {
            TcpLog.DisconnectFailed(_transport.Logger, ConnectionId, -result);
        }

        _drainTimer!.Restart();
        ContinueDrain();
    }

    /// <summary>T3 has passed without proof: this memory is never reused.</summary>
    private void Abandon()
    {
        if (_finished)
        {
            return;
        }

        ReapNotifications();
        long quarantined = 0;
        BufferLease unproven = default;
        while (_ledger.TryAbandon(out LedgerPiece piece, out bool proven))
        {
            if (proven)
            {
                piece.Lease.Release();
            }
            else
            {
                quarantined += piece.Bytes;
                unproven = piece.Lease;
                piece.Lease.Quarantine();
            }

            // The parts of one lease follow each other: where an earlier one is unproven, the proof of the last says nothing about the whole.
            piece.Owner?.OnSent(proven && (unproven.IsEmpty || piece.Lease != unproven));
        }

        if (quarantined > 0)
        {
            _loop.Counters.QuarantinedBytes += quarantined;
            Lifecycle.AddQuarantined(quarantined);
            TcpLog.MemoryQuarantined(_transport.Logger, ConnectionId, quarantined);
        }

        Finish();
    }

    /// <summary>
    /// Nothing of ours is in the kernel's hands, and no call of the socket follows: closes it, and lets go of the connection's own references. A command that a back
    /// end has for minutes keeps the queue pair, up to T1, but no descriptor.
    /// </summary>
    private void Finish()
    {
        _finished = true;
        _drainTimer?.Stop();
        if (!_sendQueue.IsEmpty)
        {
            Lifecycle.AddProven(_sendQueue.Drop());
        }

        TellSent();
        _socket.Unregister();
        ClosePublicSocket();
        _socket.Close();
        FireConnectionClosed();
        Lifecycle.Release(ReferenceKind.Transmission);
        Lifecycle.Release(ReferenceKind.Registration);
    }

    /// <summary>
    /// Looks after a draining connection: nothing tells when the last byte was acknowledged, and some states come without an edge. 1 ms, doubling
    /// up to 64 ms.
    /// </summary>
    private sealed class DrainTimer(TcpConnection connection) : LoopTimer(connection._loop.Thread)
    {
        private const int LongestMilliseconds = 64;
        private int _milliseconds = 1;

        public void StartNext()
        {
            if (!IsArmed)
            {
                Start(TimeSpan.FromMilliseconds(_milliseconds));
            }
        }

        public void Restart()
        {
            Stop();
            _milliseconds = 1;
        }

        public override void OnFailure(Exception exception) => connection.OnFailure(exception);

        protected internal override void OnDue()
        {
            _milliseconds = Math.Min(_milliseconds * 2, LongestMilliseconds);
            connection.ContinueDrain();
        }
    }
}
