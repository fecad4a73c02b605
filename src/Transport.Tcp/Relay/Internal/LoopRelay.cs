using System.Net;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>A relay between two connections of one event loop.</summary>
/// <remarks>
/// <code>
///             both directions at their FIN ──────────────────┐
///  relaying ──┤                                              ├──► each connection drains ──► both closed: report
///             └─ closed by us: stop reading, flush, FIN ─────┘            │ T2
///             └─ either connection broke, idle ──────────────────► both reset ──► both closed: report
/// </code>
/// Each connection holds two references of the relay from its start to its own end: a transmission, so that draining lasts until the peers have everything or
/// T2, and a registration. Bytes in a pipe are pages of the kernel's, so there is no memory to prove free.
/// </remarks>
internal sealed partial class LoopRelay : SpliceRelay, IQueuePairStages, IFailureHandler
{
    private readonly SpliceRelayFactory _factory;
    private readonly RelayLoop _loop;
    private readonly RelayEnd _downstream;
    private readonly RelayEnd _upstream;
    private readonly RelayDirection _toUpstream;
    private readonly RelayDirection _toDownstream;
    private readonly ReadOnlyMemory<byte> _first;
    private readonly IdleTimer? _idle;

    public LoopRelay(string id, SpliceRelayFactory factory, RelayLoop loop, TcpConnection downstream, TcpConnection upstream, ReadOnlyMemory<byte> first)
        : base(id)
    {
        _factory = factory;
        _loop = loop;
        _first = first;
        _work = new PostedWork<Work>(loop.Thread, this);
        _downstream = new RelayEnd(this, downstream);
        _upstream = new RelayEnd(this, upstream);
        _toUpstream = _downstream.Incoming = _upstream.Outgoing = new RelayDirection(this, _downstream, _upstream, loop);
        _toDownstream = _upstream.Incoming = _downstream.Outgoing = new RelayDirection(this, _upstream, _downstream, loop);
        Lifecycle = new QueuePairLifecycle(id, this, factory.Options.DrainDeadlines, factory.Options.TimeProvider);
        Lifecycle.TryAcquire(ReferenceKind.Transmission, 2);
        Lifecycle.TryAcquire(ReferenceKind.Registration, 2);
        if (factory.Options.IdleTimeout != Timeout.InfiniteTimeSpan)
        {
            _idle = new IdleTimer(this, factory.Options.IdleTimeout);
        }
    }

    public override QueuePairLifecycle Lifecycle { get; }

    public override EndPoint? Downstream => _downstream.Connection.RemoteEndPoint;

    public override EndPoint? Upstream => _upstream.Connection.RemoteEndPoint;

    public override bool IsSplicing => _factory.Options.UseSplice;

    public override long BytesUpstream => _toUpstream.Moved + _first.Length;

    public override long BytesDownstream => _toDownstream.Moved;

    /// <summary>Bytes in the relay's hands, both ways.</summary>
    public long BytesHeld => _toUpstream.Bytes + _toDownstream.Bytes;

    /// <summary>Any thread, once.</summary>
    public void Start() => _work.Ask(Work.Start);

    /// <summary>On the loop: bytes went through.</summary>
    public void OnMoved(long bytes)
    {
        _idle?.Restart();
        if (_stopped)
        {
            Lifecycle.AddProven(bytes);
        }
    }

    /// <summary>On the loop: a turn was used up.</summary>
    public void PostPump() => _work.Ask(Work.Pump);

    /// <summary>On the loop: <paramref name="target"/> was sent everything and FIN.</summary>
    public void OnFinished(RelayEnd target)
    {
        target.ReleaseCommand();
        if (_stopped)
        {
            target.Connection.Lifecycle.BeginTeardown(Lifecycle.Cause);
        }
        else if (IsDone)
        {
            Lifecycle.BeginTeardown(TeardownCause.HostClosed);
        }
    }

    /// <summary>On the loop: one connection broke, so the other is reset.</summary>
    public void OnBroken(Exception error, TeardownCause cause)
    {
        // Both sides have everything, FIN included: what happens to one connection now is none of the other's business.
        if (IsDone)
        {
            return;
        }

        Lifecycle.BeginTeardown(cause, error);
        ResetBoth();
    }

    /// <summary>On the loop: somebody closes one of the connections, the transport that stops for example.</summary>
    public void OnEndQuiescing(TeardownCause cause, bool isAborting)
    {
        if (Lifecycle.Cause == TeardownCause.None)
        {
            Lifecycle.BeginTeardown(cause);
        }

        if (isAborting && !IsDone)
        {
            ResetBoth();
        }
    }

    /// <summary>On the loop: a connection went to its end with bytes for it still here.</summary>
    public void OnTargetLost() => ResetBoth();

    /// <summary>On the loop: the last call of a connection.</summary>
    public void OnEndClosed(RelayEnd end)
    {
        // A connection that ended in a way the relay has no part in: without it there is nothing to relay.
        if (Lifecycle.Cause == TeardownCause.None)
        {
            Lifecycle.BeginTeardown(end.Connection.Lifecycle.Cause);
        }

        // Closed by us: this side got everything and had its time. What the other side has not read yet does not depend on it.
        bool closedInTurn = _stopped && end.Outgoing.IsFinished;
        if (!IsDone && !closedInTurn)
        {
            ResetBoth();
        }

        Lifecycle.Release(ReferenceKind.Transmission);
        Lifecycle.Release(ReferenceKind.Registration);
    }

    private bool IsDone => _toUpstream.IsFinished && _toDownstream.IsFinished;

    /// <summary>At once: the kernel tells of an error a single time, and the next read would return 0, which is the end of the stream.</summary>
    private void ResetBoth()
    {
        Lifecycle.Abort();
        AbortBoth();
    }

    private void Begin()
    {
        _loop.Counters.RelaysOpened++;
        bool live = _downstream.TryGoLive() & _upstream.TryGoLive() && Lifecycle.TryGoLive();
        if (_first.Length > 0)
        {
            AppendFirst();
        }

        _downstream.Connection.AttachBare(_downstream);
        _upstream.Connection.AttachBare(_upstream);
        _idle?.Restart();
        if (live)
        {
            return;
        }

        Lifecycle.BeginTeardown(TeardownCause.ConnectionReset);
        Lifecycle.Abort();
    }

    private void AppendFirst()
    {
        ReadOnlySpan<byte> rest = _first.Span;
        while (!rest.IsEmpty)
        {
            int part = Math.Min(rest.Length, HeaderStaging.BlockSize);
            rest[..part].CopyTo(_upstream.Connection.AppendHeader(part));
            rest = rest[part..];
        }

        _upstream.Connection.Flush();
        if (_upstream.Connection.UnsentBytes > 0)
        {
            _upstream.Connection.NotifyWhenSent(_toUpstream.OnTargetReady);
        }
    }

    private void Pump()
    {
        _toUpstream.Pump();
        _toDownstream.Pump();
    }

    private sealed class IdleTimer(LoopRelay relay, TimeSpan timeout) : LoopTimer(relay._loop.Thread)
    {
        public void Restart() => Start(timeout);

        public override void OnFailure(Exception exception) => relay.OnFailure(exception);

        protected internal override void OnDue() =>
            relay.OnBroken(new TimeoutException($"No byte was relayed for {timeout}."), TeardownCause.TimedOut);
    }
}
