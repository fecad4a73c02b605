using System.Net;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp;

/// <summary>Options of <see cref="TcpTransportFactory"/> and <see cref="TcpConnectionFactory"/>. Read when the first listener or connection is made.</summary>
public sealed class TcpTransportOptions
{
    /// <summary>Loops to run on, not disposed by the transport. Null (default): the factory makes its own from <see cref="LoopOptions"/>.</summary>
    public EventLoopGroup? EventLoops { get; set; }

    /// <summary>Number, pinning and spinning of the factory's own loops.</summary>
    public EventLoopGroupOptions LoopOptions { get; set; } = new() { Name = "nvmf-tcp" };

    /// <summary>Memory for protocol headers, not disposed by the transport. Null (default): the factory makes its own pool.</summary>
    public BufferPool? BufferPool { get; set; }

    /// <summary>Memory for pipes, not disposed by the transport. Null (default): the factory makes its own pool. At its limit pipes go on with memory that is copied.</summary>
    public BufferPool? PipeBufferPool { get; set; }

    /// <summary>Which end points Kestrel's selection gives to this transport; none by default, so that ordinary ones stay with Sockets.</summary>
    public Func<EndPoint, bool> Selector { get; set; } = static _ => false;

    /// <summary>When to send without copying.</summary>
    public ZeroCopyMode ZeroCopy { get; set; }

    /// <summary>Length of the kernel's queue of connections not yet accepted. Default 512; the kernel caps it at <c>net.core.somaxconn</c>.</summary>
    public int Backlog { get; set; } = 512;

    /// <summary>Send small segments at once (TCP_NODELAY). Default true.</summary>
    public bool NoDelay { get; set; } = true;

    /// <summary>
    /// How long sent data may stay unacknowledged, or a window closed, before the kernel gives the connection up (TCP_USER_TIMEOUT): the
    /// backstop for peers that vanished. Default 30 s; zero leaves the system's (about 15 minutes).
    /// </summary>
    public TimeSpan UserTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Silence after which the kernel asks the peer whether it is still there (TCP keep-alive probes), in whole seconds up to 32767: finds hosts that vanished without a
    /// word and owe no acknowledgement, whose connection would otherwise stay for ever when they asked for no NVMe keep-alive. Given up after three probes without an answer,
    /// about as long again. Default 60 s; zero for none.
    /// </summary>
    public TimeSpan KeepAliveIdle { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>SO_SNDBUF in bytes; null leaves the kernel's autotuning.</summary>
    public int? SendBufferSize { get; set; }

    /// <summary>SO_RCVBUF in bytes; null leaves the kernel's autotuning.</summary>
    public int? ReceiveBufferSize { get; set; }

    /// <summary>How long each stage of a teardown may take.</summary>
    public DrainDeadlines DrainDeadlines { get; set; } = DrainDeadlines.Default;

    /// <summary>
    /// How long a drained connection, all of whose bytes the peer has acknowledged, waits for the peer's own FIN before the socket is closed under
    /// it. Default 250 ms.
    /// </summary>
    public TimeSpan PeerCloseTimeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Received bytes held in a pipe before the socket is no longer read; null for no limit. Default 1 MiB. Pipes only.</summary>
    public long? MaxReadBufferSize { get; set; } = 1 << 20;

    /// <summary>Bytes held in a pipe for sending before the writer has to wait; null for no limit. Default 64 KiB. Pipes only.</summary>
    public long? MaxWriteBufferSize { get; set; } = 64 << 10;

    /// <summary>
    /// Run the application's side of a pipe on the event loop instead of the thread pool. Default false. Saves two changes of thread per exchange, and lets
    /// everything the application does, blocking above all, hold up every connection of that loop. Pipes only.
    /// </summary>
    public bool UnsafePreferInlineScheduling { get; set; }

    /// <summary>Clock of the teardown's deadlines.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
