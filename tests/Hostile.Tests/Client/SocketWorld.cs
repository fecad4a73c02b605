using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Hostile.Tests.Client;

/// <summary>The target behind a listener on the loopback device.</summary>
internal sealed class SocketWorld : World
{
    private readonly TcpTransportFactory _transport;
    private readonly TcpQueuePairListenerFactory _queuePairs;
    private readonly IQueuePairListener _listener;
    private readonly Task _accepting;

    public SocketWorld(ZeroCopyMode zeroCopy, Action<TcpQueuePairOptions>? configure = null) : base(TimeProvider.System, configure)
    {
        var options = new TcpTransportOptions { BufferPool = Pool, ZeroCopy = zeroCopy, LoopOptions = new EventLoopGroupOptions { Count = 1, Name = "hostile" } };
        _transport = new TcpTransportFactory(Options.Create(options), NullLoggerFactory.Instance);
        _queuePairs = new TcpQueuePairListenerFactory(_transport, Pool, QueuePairOptions);
        _listener = _queuePairs.BindAsync(new IPEndPoint(IPAddress.Loopback, 0)).AsTask().GetAwaiter().GetResult();
        EndPoint = (IPEndPoint)_listener.EndPoint;
        _accepting = Task.Run(AcceptAsync);
    }

    public IPEndPoint EndPoint { get; }

    public override int PendingConnections => _queuePairs.Pending.Count;

    public override HostWire Open() => new SocketWire(EndPoint);

    public override void Dispose()
    {
        _listener.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(30));
        _accepting.Wait(TimeSpan.FromSeconds(30));
        base.Dispose();
        _transport.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(30));
    }

    /// <summary>How the queue pairs ended, in the order of their ends.</summary>
    public ConcurrentQueue<DrainReport> Ends { get; } = [];

    private async Task AcceptAsync()
    {
        while (await _listener.AcceptAsync() is { } queuePair)
        {
            _ = RecordEndAsync(queuePair);
            queuePair.Start(Target.CreateHandler(queuePair, Port));
        }
    }

    private async Task RecordEndAsync(QueuePair queuePair) => Ends.Enqueue(await queuePair.Lifecycle.Completion);
}
