using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// One TCP connection on one loop. Bytes go either through <see cref="IOwnedMemoryConnectionFeature"/> or through a pipe, whichever is asked
/// for first; the pipe is itself a handler of the feature.
/// </summary>
/// <remarks>
/// <code>
///            Attach / Transport            BeginTeardown                 all sent and proven
///  accepted ─────────────────► receiving ───────────────► draining ───────────────────────────► finished ─► closed
///                                  │      (commands done)     │ T2                                  ▲    (last reference)
///                                  └────────── RST ───────────┴─────► aborting ─ proof, or T3 ──────┘
/// </code>
/// Two references of the lifecycle are the connection's own, from its birth to "finished": a transmission for the send stream (one for all of it:
/// nothing is counted per send) and a registration for its place on the loop.
/// </remarks>
internal sealed partial class TcpConnection : TransportConnection, IOwnedMemoryConnectionFeature
{
    private readonly TcpTransport _transport;
    private readonly TcpLoop _loop;
    private readonly TcpSocket _socket;
    private readonly Lock _startLock = new();
    private readonly bool _isUnixDomain;
    private IOwnedMemoryConnectionHandler? _handler;
    private IDuplexPipe? _pipe;
    private TcpPipe? _pipeHandler;
    private ConnectionAbortedException? _abortReason;

    public TcpConnection(TcpTransport transport, TcpLoop loop, TcpSocket socket, string id) : base(id, transport.MemoryPool)
    {
        _transport = transport;
        _loop = loop;
        _socket = socket;
        _work = new PostedWork<Work>(loop.Thread, this);
        _ledger = new ZeroCopyLedger(socket.FirstZeroCopyIndex);
        _sendQueue = new SendQueue(transport.Pool, _ledger);
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        _isUnixDomain = LocalEndPoint is UnixDomainSocketEndPoint;
        Lifecycle = new QueuePairLifecycle(id, this, transport.Options.DrainDeadlines, transport.Options.TimeProvider);
        Lifecycle.TryAcquire(ReferenceKind.Transmission);
        Lifecycle.TryAcquire(ReferenceKind.Registration);
        ChooseZeroCopy();
    }

    public QueuePairLifecycle Lifecycle { get; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    public ConnectionAbortedException? AbortReason => _abortReason;

    /// <summary>True once appends are no longer sent. On the loop.</summary>
    public bool IsDraining => _drainBegun;

    public bool IsOnLoop => _loop.Thread.IsCurrent;

    /// <summary>Created on first use: a connection that is taken over by <see cref="Attach"/> has no pipe.</summary>
    public override IDuplexPipe Transport
    {
        get => _pipe ?? StartPipe();
        set
        {
            _ = _pipe ?? StartPipe();
            _pipe = value;
        }
    }

    public void Post(IThreadPoolWorkItem item) => _loop.Thread.Post(item);

    public void Attach(IOwnedMemoryConnectionHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_startLock)
        {
            if (_handler is not null)
            {
                throw new InvalidOperationException("The connection is in use already, by a handler or through its pipe.");
            }

            _handler = handler;
        }

        _work.Ask(Work.Start);
    }

    /// <summary>The first reason wins. The peer gets a RST.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        Interlocked.CompareExchange(ref _abortReason, abortReason, null);
        AbortBecause(TeardownCause.LocalClose, abortReason);
    }

    /// <summary>Closes gracefully and waits for the end, which the deadlines of the drain bound.</summary>
    public override async ValueTask DisposeAsync()
    {
        _pipeHandler?.CompleteApplicationSide();
        Lifecycle.BeginTeardown(TeardownCause.LocalClose);
        await Lifecycle.Completion.ConfigureAwait(false);
        await ConnectionClosedTold.ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void OnConnectionClosedFailed(Exception exception) =>
        TcpLog.ConnectionClosedFailed(_transport.Logger, exception, ConnectionId);

    protected override void AddFeatures(IFeatureCollection features)
    {
        features.Set<IOwnedMemoryConnectionFeature>(this);
        features.Set<IConnectionSocketFeature>(this);
    }

    private IDuplexPipe StartPipe()
    {
        lock (_startLock)
        {
            if (_pipe is not null)
            {
                return _pipe;
            }

            if (_handler is not null)
            {
                throw new InvalidOperationException("The connection was taken over by a handler of owned memory and has no pipe.");
            }

            _pipeHandler = new TcpPipe(this, _loop, MemoryPool, _transport.Options);
            _handler = _pipeHandler;
            _pipe = _pipeHandler.Application;
        }

        _pipeHandler.Start();
        _work.Ask(Work.Start);
        return _pipe;
    }
}
